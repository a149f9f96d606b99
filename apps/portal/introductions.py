"""What the public pages tell about services and cards, from the rules that decide()."""

from dataclasses import dataclass

from django.utils.functional import Promise

from apps.access.models import Service
from apps.accounts.terms import CardKind
from apps.institutions.terms import InstitutionKind
from apps.portal.navigation import place_of

# Manual 1, STEP.2: the card, at an enrolled workstation (健保讀卡機), through any chip reader (晶片讀卡機).
CARDS_OF_READERS: tuple[tuple[str | Promise, bool, bool], ...] = (
    (CardKind.HPC.label, True, True),
    (CardKind.NHI.label, True, False),
    (CardKind.CITIZEN.label, False, True),
    (CardKind.INSTITUTION.label, True, True),
    (CardKind.GOVERNMENT.label, False, True),
)


@dataclass(frozen=True)
class Introduction:
    """A service in public words: its name, its entry, and for whom and with which cards it is."""

    name: str
    url: str
    audience: list[str | Promise]
    cards: list[str | Promise]


def introduce(service: Service) -> Introduction:
    place = place_of(service)
    return Introduction(
        name=service.label,
        url=place.url if place else "",
        audience=[InstitutionKind(kind).label for kind in service.audience_kinds],
        cards=[CardKind(kind).label for kind in service.card_kinds],
    )
