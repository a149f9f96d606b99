"""Ticks that survive paging: they travel in the form itself, signed for the session.

Not kept on the server: two tabs do not mix, Back shows what was ticked then, and nothing has to be
cleared. A signature lets nobody in; the services check everybody named here again.
"""

import base64
from dataclasses import dataclass, field
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext_lazy as _

from apps.access.models import Entitlement
from apps.audit.actors import Actor
from apps.core.errors import Invalid

OLDEST = 8 * 60 * 60  # seconds; a session lives no longer


class DraftLost(Invalid):
    code = "ACC-DRAFT"
    message = _("This page was opened too long ago or in another session. Nothing was changed.")
    way_on = _("Please open the page again and repeat your ticks.")


@dataclass
class Draft:
    """Who is to be added to and removed from an entitlement, and its version when it was opened."""

    entitlement: UUID
    version: int
    added: set[UUID] = field(default_factory=set)
    removed: set[UUID] = field(default_factory=set)

    def tick(self, person: UUID, *, ticked: bool, held: bool) -> None:
        """What the page shows of one person, who had (`held`) a grant when it was shown."""
        self.added.discard(person)
        self.removed.discard(person)
        if ticked and not held:
            self.added.add(person)
        elif held and not ticked:
            self.removed.add(person)

    def rebase(self, entitlement: Entitlement, held: set[UUID]) -> None:
        """On top of what somebody else saved: wishes that came true meanwhile are no changes."""
        self.version = entitlement.version
        self.added -= held
        self.removed &= held

    def seal(self, *, by: Actor) -> str:
        """The value of the hidden field."""
        content = [self.entitlement.hex, self.version, _pack(self.added), _pack(self.removed)]
        return signing.dumps(content, salt=_salt(by), compress=True)


def open_draft(sealed: str, *, by: Actor) -> Draft:
    """The draft of a posted form; raises DraftLost when it is not this session's or too old."""
    try:
        entitlement, version, added, removed = signing.loads(sealed, salt=_salt(by), max_age=OLDEST)
    except signing.BadSignature as error:
        raise DraftLost(reason="draft_signature") from error
    return Draft(UUID(entitlement), version, _unpack(added), _unpack(removed))


def _salt(by: Actor) -> str:
    return f"access.draft:{by.session}"


def _pack(people: set[UUID]) -> str:
    """16 bytes a person: ticking 5,000 at once stays far below a form's limit."""
    return base64.b64encode(b"".join(sorted(person.bytes for person in people))).decode()


def _unpack(packed: str) -> set[UUID]:
    raw = base64.b64decode(packed)
    return {UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), 16)}
