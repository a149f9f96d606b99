"""Which profession of a user is proved, and by what (FEATURES A4)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from apps.access.models import Membership, Practice
from apps.access.terms import Profession, ProfessionProof
from apps.core import clock


@dataclass(frozen=True)
class Proved:
    """A profession's code and what proves it."""

    profession: str
    proof: ProfessionProof

    @property
    def name(self) -> str:
        known = self.profession in Profession.values
        return str(Profession(self.profession).label) if known else self.profession


def fetch_professions(members: Collection[Membership]) -> dict[UUID, Proved]:
    """By membership: what the card or the practice register proves; others are left out.

    One statement.
    """
    found = {
        each.pk: Proved(each.profession, ProfessionProof(each.proved_by))
        for each in members
        if each.proved_by
    }
    missing = {
        (each.person.identity_id, each.institution_id): each.pk
        for each in members
        if each.pk not in found
    }
    register = Practice.objects.in_force(clock.today()).filter(
        practitioner__in=[identity for identity, _institution in missing],
        institution__in={institution for _identity, institution in missing},
    )
    for line in register.order_by("-profession"):
        place = missing.get((line.practitioner_id, line.institution_id))
        if place is not None:
            found[place] = Proved(line.profession, ProfessionProof.REGISTER)
    return found
