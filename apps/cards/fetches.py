"""Fetches that can refuse."""

from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from apps.access.fetches import PAGE, members_matching
from apps.access.foreseeing import cards_that_fit
from apps.access.models import Membership
from apps.access.terms import MembershipRole, Reason
from apps.accounts.models import Credential, LostCard, Person
from apps.accounts.services import service_account
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.cards.models import CardTransaction, LoginWay, is_token
from apps.cards.refusals import NoStepUp, TransactionGone
from apps.core.errors import Denied, NotFound
from apps.identities.numbers import InvalidNumber
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution

# Cards with a certificate of a person, who can show them again.
STEP_UP_CARDS = (CardKind.HPC, CardKind.CITIZEN)


def fetch_transaction(transaction_id: str) -> CardTransaction:
    """The transaction with everything that claiming, answering and returning need. One statement."""
    known = CardTransaction.objects.select_related(
        "workstation__institution", "institution", "person"
    )
    found = known.filter(pk=transaction_id).first() if is_token(transaction_id) else None
    if found is None:
        raise TransactionGone(reason="transaction_unknown")
    return found


def fetch_ways() -> dict[str, list[str]]:
    """The reader kinds that go with each card kind that may log in. One statement."""
    ways: dict[str, list[str]] = {}
    switched_on = LoginWay.objects.filter(enabled=True).order_by("reader_kind", "pk")
    for card_kind, reader_kind in switched_on.values_list("card_kind", "reader_kind"):
        readers = ways.setdefault(card_kind, [])
        if reader_kind not in readers:
            readers.append(reader_kind)
    return ways


def fetch_workstations() -> list[tuple[str, str]]:
    """Code and name of the institutions that have a computer in the demo; none elsewhere."""
    if not settings.DEMO_AGENTS:
        return []
    names = dict(
        Institution.objects.filter(code__in=settings.DEMO_AGENTS).values_list("code", "name")
    )
    return [(code, names[code]) for code in settings.DEMO_AGENTS if code in names]


def fetch_step_up_cards(service: str, *, by: Actor) -> list[CardKind]:
    """With which cards this person, in their role here, can renew the proof for the service (its code).

    Raises NoStepUp where it takes no card that can be shown again, Denied where no card would help.
    """
    cards, reason = cards_that_fit(
        STEP_UP_CARDS, session=by.session, service=service, address=by.ip
    )
    if cards:
        return cards
    if reason in (Reason.WRONG_CARD_KIND, Reason.WRONG_PROFESSION):
        raise NoStepUp(reason="service_takes_no_personal_card")
    raise Denied(reason=reason, code="ACC-403")


def fetch_cards_of(person: UUID | None) -> list[Credential]:
    """Cards that have logged this person in, the latest first."""
    return list(Credential.objects.filter(person=person).order_by("-first_used_at"))


def fetch_lost_cards_of(person: UUID | None) -> list[LostCard]:
    """Open reports, the latest first."""
    return list(LostCard.objects.filter(person=person, released_at=None))


def fetch_account(number: str) -> Person | None:
    """Whose account a national ID names, or an institution's own for its code; None for neither."""
    institution = Institution.objects.filter(code=number).first()
    if institution is not None:
        return service_account(institution=institution.pk, name=institution.name)
    try:
        identity = find(kind=IdentifierKind.NATIONAL_ID, value=number)
    except InvalidNumber:
        return None
    return Person.objects.filter(identity_id=identity).first() if identity else None


def fetch_card(credential_id: UUID, *, person: UUID | None) -> Credential:
    found = Credential.objects.filter(pk=credential_id, person=person).first()
    if found is None:
        raise NotFound(reason="card_unknown_or_of_somebody_else")
    return found


def fetch_appointed(*, search: str = "", page: str = "", by: Actor) -> Page[Membership]:
    """Whom this representative or manager has appointed or answers for, by name; a page of them."""
    return Paginator(_appointed(search, by=by), PAGE).get_page(page)


def fetch_appointed_person(person_id: UUID, *, by: Actor) -> Person:
    """Raises NotFound for anybody whom the actor does not answer for."""
    found = _appointed("", by=by).filter(person=person_id).first()
    if found is None:
        raise NotFound(reason="person_not_appointed_here")
    return found.person


def _appointed(search: str, *, by: Actor) -> QuerySet[Membership]:
    """Representatives see the managers; managers see everybody of the institution but themselves."""
    if by.role == SessionRole.REPRESENTATIVE:
        return members_matching(search, role=MembershipRole.MANAGER, by=by)
    return members_matching(search, role=None, by=by).exclude(person=by.person)
