"""Slots that had no place a moment ago, as this process remembers them.

On the morning a campaign opens most forms that arrive are for slots that are full by then. The
memory is a hint, never an answer: `services.REFUSED` asks the database whether it is still so.
"""

import time
from uuid import UUID

REMEMBERED_SECONDS = 60.0
MOST = 10_000  # more than are full at once anywhere


class SoldOut:
    def __init__(self) -> None:
        self._until: dict[UUID, float] = {}

    def note(self, slot: UUID) -> None:
        now = time.monotonic()
        if len(self._until) >= MOST:
            self._until = {each: until for each, until in self._until.items() if until > now}
        if len(self._until) < MOST:
            self._until[slot] = now + REMEMBERED_SECONDS

    def forget(self, slot: UUID) -> None:
        self._until.pop(slot, None)

    def knows(self, slot: UUID) -> bool:
        return self._until.get(slot, 0.0) > time.monotonic()


sold_out = SoldOut()
