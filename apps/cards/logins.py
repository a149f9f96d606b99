"""As whom a card may log in, and for which institution.

The institution is the enrolled workstation's; through another agent it is the person's own, chosen
by them when there are several. Institution and government cards stand for the institution that they
name. A platform role needs the citizen certificate and no institution (DESIGN section 3).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.access.models import Membership
from apps.accounts.models import Person, PlatformRole
from apps.accounts.services import find_holder, service_account
from apps.accounts.terms import INSTITUTION_CARDS, CardKind, SessionRole
from apps.cards.certificates import CardCertificate
from apps.cards.models import LoginWay
from apps.cards.refusals import (
    MembershipEnded,
    OtherPerson,
    UnknownHolder,
    UnknownInstitution,
    WayClosed,
    WrongWorkstation,
)
from apps.core import clock
from apps.identities.numbers import InvalidNumber
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.models import Workstation

# NHI cards have no certificate; their numbers are credentials of this issuer.
NHI_ISSUER = "nhi"


@dataclass(frozen=True)
class Login:
    """`institution` is None for platform roles, and for staff who still have to choose one."""

    person: Person
    role: SessionRole
    institution: Institution | None


def admit(
    *,
    card_kind: CardKind,
    reader_kind: str,
    certificate: CardCertificate,
    workstation: Workstation | None,
) -> Login:
    """As whom the holder of `certificate` logs in; raises what `refusals` has for logins, or CardBlocked."""
    if card_kind in INSTITUTION_CARDS:
        login = _represent(card_kind, certificate, workstation)
    else:
        login = _admit_person(card_kind, certificate, workstation)
    _check_way(card_kind, reader_kind, login.role)
    return login


def admit_nhi(
    *,
    person: Person,
    card_number: str,
    issued_at: datetime | None,
    reader_kind: str,
    institution: Institution,
) -> None:
    """Whether the holder of an NHI card, whose password was right, may log in here."""
    _check_way(CardKind.NHI, reader_kind, SessionRole.STAFF)
    holder = find_holder(
        card_kind=CardKind.NHI,
        issuer=NHI_ISSUER,
        serial=card_number,
        issued_at=issued_at,
        identity=person.identity_id,
    )
    if holder != person:
        raise UnknownHolder(reason="card_number_of_somebody_else")
    institutions_of(person, only=institution.pk)


def recognize(*, card_kind: CardKind, certificate: CardCertificate, person: UUID | None) -> None:
    """That the card is one of this person's; raises OtherPerson or CardBlocked."""
    try:
        holder = _holder(card_kind, certificate)
    except UnknownHolder as error:
        raise OtherPerson(reason="step_up_with_unknown_card") from error
    if holder.pk != person:
        raise OtherPerson(reason="step_up_with_card_of_another_person")


def institutions_of(person: Person, *, only: UUID | None = None) -> list[Institution]:
    """The institutions that this person may log in for, by name.

    Raises UnknownHolder or MembershipEnded when there is none.
    """
    all_here = Membership.objects.filter(
        person=person, institution__status=InstitutionStatus.ACTIVE
    )
    if only is not None:
        all_here = all_here.filter(institution=only)
    in_force = all_here.in_force(clock.today()).select_related("institution")
    found = {membership.institution_id: membership.institution for membership in in_force}
    if found:
        return sorted(found.values(), key=lambda institution: institution.name)
    if all_here.filter(valid_from__lte=clock.today()).exists():
        raise MembershipEnded(reason="membership_ended")
    raise UnknownHolder(reason="no_membership_here")


def _check_way(card_kind: CardKind, reader_kind: str, role: SessionRole) -> None:
    """The reader/card table of manual 1."""
    way = LoginWay.objects.filter(card_kind=card_kind, reader_kind=reader_kind, role=role)
    if not way.filter(enabled=True).exists():
        raise WayClosed(reason="card_reader_and_role_do_not_fit")


def _admit_person(
    card_kind: CardKind, certificate: CardCertificate, workstation: Workstation | None
) -> Login:
    person = _holder(card_kind, certificate)
    if card_kind == CardKind.CITIZEN:
        platform = PlatformRole.objects.in_force(clock.today()).filter(person=person).first()
        if platform is not None:
            return Login(person, SessionRole(platform.role), None)
    here = institutions_of(person, only=workstation.institution_id if workstation else None)
    return Login(person, SessionRole.STAFF, here[0] if len(here) == 1 else None)


def _represent(
    card_kind: CardKind, certificate: CardCertificate, workstation: Workstation | None
) -> Login:
    institution = Institution.objects.filter(
        code=certificate.subject_number, status=InstitutionStatus.ACTIVE
    ).first()
    if institution is None:
        raise UnknownInstitution(reason="institution_unknown_or_inactive")
    if workstation is not None and workstation.institution_id != institution.pk:
        raise WrongWorkstation(reason="institution_card_at_another_institution")
    account = service_account(institution=institution.pk, name=institution.name)
    holder = find_holder(
        card_kind=card_kind,
        issuer=certificate.issuer,
        serial=certificate.serial,
        issued_at=certificate.not_before,
        identity=account.identity_id,
    )
    if holder != account or not account.is_active:
        raise UnknownInstitution(reason="service_account_inactive")
    return Login(account, SessionRole.REPRESENTATIVE, institution)


def _holder(card_kind: CardKind, certificate: CardCertificate) -> Person:
    try:
        identity = find(kind=IdentifierKind.NATIONAL_ID, value=certificate.subject_number)
    except InvalidNumber as error:
        raise UnknownHolder(reason="certificate_names_no_valid_number") from error
    person = identity and find_holder(
        card_kind=card_kind,
        issuer=certificate.issuer,
        serial=certificate.serial,
        issued_at=certificate.not_before,
        identity=identity,
    )
    if not person or not person.is_active:
        raise UnknownHolder(reason="person_unknown_or_inactive")
    return person
