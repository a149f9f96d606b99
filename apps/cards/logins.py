"""As whom a card may log in, and for which institution.

The institution is the enrolled workstation's; through another agent it is the person's own, when
there is only one. A platform role needs the citizen certificate and no institution (DESIGN section
3).
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.access.models import Membership
from apps.accounts.models import Person, PlatformRole
from apps.accounts.services import find_holder
from apps.accounts.terms import CardKind, SessionRole
from apps.cards.certificates import CardCertificate
from apps.core import clock
from apps.core.errors import Denied
from apps.identities.numbers import InvalidNumber
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.models import Workstation


class UnknownHolder(Denied):
    """One message for unknown people and for people of elsewhere: nobody learns who is registered
    (threat 15).
    """

    code = "LOGIN-NOT-HERE"
    message = _("You are not registered as a user of this institution.")
    way_on = _("Please ask the manager of your institution to register you as a user.")


class WhichInstitution(Denied):
    code = "LOGIN-WHICH"
    message = _("You belong to several institutions; this workstation belongs to none of them.")
    way_on = _("Please log in at an enrolled workstation of the institution.")


@dataclass(frozen=True)
class Login:
    person: Person
    role: SessionRole
    institution: Institution | None


def admit(
    *, card_kind: CardKind, certificate: CardCertificate, workstation: Workstation | None
) -> Login:
    """As whom the holder of `certificate` logs in; raises UnknownHolder, WhichInstitution or Denied
    (blocked card).
    """
    person = _holder(card_kind, certificate)
    if card_kind == CardKind.CITIZEN:
        platform = PlatformRole.objects.in_force(clock.today()).filter(person=person).first()
        if platform is not None:
            return Login(person, SessionRole(platform.role), None)
    return Login(person, SessionRole.STAFF, _institution_of(person, workstation))


def _holder(card_kind: CardKind, certificate: CardCertificate) -> Person:
    try:
        identity = find(kind=IdentifierKind.NATIONAL_ID, value=certificate.national_id)
    except InvalidNumber as error:
        raise UnknownHolder(reason="certificate_names_no_valid_number") from error
    person = identity and find_holder(
        card_kind=card_kind,
        issuer=certificate.issuer,
        serial=certificate.serial,
        identity=identity,
    )
    if not person or not person.is_active:
        raise UnknownHolder(reason="person_unknown_or_inactive")
    return person


def _institution_of(person: Person, workstation: Workstation | None) -> Institution:
    here = (
        Membership.objects.in_force(clock.today())
        .filter(person=person, institution__status=InstitutionStatus.ACTIVE)
        .select_related("institution")
    )
    if workstation is not None:
        here = here.filter(institution=workstation.institution_id)
    found = {membership.institution for membership in here}
    if not found:
        raise UnknownHolder(reason="no_membership_here")
    if len(found) > 1:
        raise WhichInstitution(reason="several_memberships")
    return found.pop()
