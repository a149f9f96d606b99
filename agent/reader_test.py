"""The reader test (讀卡機檢測程式; manual 4): leads through inserting and removing an NHI card.

Twice in and out, then in once more, as the manual prints it. Each card is really read; nothing of what
is read is kept or shown. What goes wrong is said by a problem's code, and the step waits or is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.cards import nhi
from agent.cards.errors import CardError
from agent.cards.kinds import CardKind
from agent.readers.base import Reader
from agent.readers.recognition import SeenCard


class Step(StrEnum):
    """What the person has to do now; the manual's numbers 2 to 7."""

    INSERT = "insert"
    REMOVE = "remove"
    INSERT_AGAIN = "insert_again"
    REMOVE_AGAIN = "remove_again"
    INSERT_LAST = "insert_last"
    DONE = "done"
    FAILED = "failed"


INSERTING = (Step.INSERT, Step.INSERT_AGAIN, Step.INSERT_LAST)
ORDER = (
    Step.INSERT,
    Step.REMOVE,
    Step.INSERT_AGAIN,
    Step.REMOVE_AGAIN,
    Step.INSERT_LAST,
    Step.DONE,
)


@dataclass
class ReaderTest:
    """A test of one reader, by its name: its number may change when others are plugged in.

    `code` says what is wrong at this step; "" when the test goes well.
    """

    reader: str
    step: Step = Step.INSERT
    code: str = ""

    @property
    def over(self) -> bool:
        return self.step in {Step.DONE, Step.FAILED}

    def look(self, seen: Sequence[SeenCard], *, service: str) -> None:
        """Go on with what is in the reader now. Blocks for card commands; never raises."""
        if self.over:
            return
        here = next((card for card in seen if card.reader.name == self.reader), None)
        if service == "stopped" or here is None:
            self._fail("service_stopped" if service == "stopped" else "reader_gone")
        elif self.step in INSERTING:
            self._expect_card(here)
        else:
            self._expect_empty(here)

    def _expect_card(self, here: SeenCard) -> None:
        if here.insertion is None:
            self.code = ""
        elif here.mute:
            self.code = "card_mute"
        elif here.fault:
            self.code = here.fault
        elif here.kind is not CardKind.NHI:
            self.code = "reader_test_other_card"
        else:
            self._read(here.reader)

    def _read(self, reader: Reader) -> None:
        try:
            with reader.connect() as card:
                nhi.read_card(card)
        except CardError as error:
            # Pulled too early is the person's; that a card cannot be read is the reader's or its own.
            if error.code == "card_removed":
                self.code = "reader_test_too_early"
            else:
                self._fail(error.code)
        else:
            self._next()

    def _expect_empty(self, here: SeenCard) -> None:
        if here.insertion is None:
            self._next()

    def _next(self) -> None:
        self.step, self.code = ORDER[ORDER.index(self.step) + 1], ""

    def _fail(self, code: str) -> None:
        self.step, self.code = Step.FAILED, code
