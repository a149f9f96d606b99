"""The health professional of a write: by the card in the reader, or by fast authentication.

The enrolled workstation vouches that the card lies in its reader, as it does for NHI cards; the
certificate is checked as at a login (chain, validity, revocation), and so is that its holder works
here and that the card is not blocked. With fast authentication the card may be away for 8 hours
after its PIN was shown (manual 4); the session at this workstation knows.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

from apps.access.models import Membership, Practice
from apps.accounts.models import Person, Session
from apps.accounts.services import CardBlocked, find_holder
from apps.accounts.terms import CardKind
from apps.audit.actors import Actor
from apps.cards.certificates import (
    CardCertificate,
    CertificateExpired,
    CertificateRefused,
    fingerprint,
    load_chain,
    load_pem,
    validate,
)
from apps.cards.models import TrustAnchor
from apps.cards.results import check_revocation
from apps.core import clock
from apps.identities.models import Identifier
from apps.identities.numbers import InvalidNumber
from apps.identities.services import identify, reveal
from apps.identities.terms import IdentifierKind
from apps.visits.refusals import ProfessionalExpired, ProfessionalMissing, ProfessionalUnknown
from apps.visits.services.numbers import Place


@dataclass(frozen=True)
class Professional:
    """`person` is None for somebody of the practice register who never logged in."""

    identity: UUID
    national_id: str
    name: str
    person: UUID | None
    card_serial: str

    def acting(self, by: Actor) -> Actor:
        """The actor of a write: this person, at the workstation."""
        return replace(by, person=self.person, card_kind=CardKind.HPC, card_serial=self.card_serial)


def identify_professional(*, chain: Sequence[str] | None, place: Place) -> Professional:
    """Whose card lies in the reader (`chain` in base64, the holder's first), or, without one, whose
    fast authentication holds at this workstation.

    Raises ProfessionalMissing, ProfessionalExpired or ProfessionalUnknown.
    """
    found = _by_card(chain) if chain else _by_fast_authentication(place)
    if not _works_here(found, place):
        raise ProfessionalUnknown(reason="professional_of_elsewhere")
    return found


def _by_card(chain: Sequence[str]) -> Professional:
    try:
        certificate = _believed(chain)
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=certificate.subject_number)
        person = find_holder(
            card_kind=CardKind.HPC,
            issuer=certificate.issuer,
            serial=certificate.serial,
            issued_at=certificate.not_before,
            identity=identity,
        )
    except CertificateExpired as error:
        raise ProfessionalExpired(reason="certificate_expired") from error
    except (CertificateRefused, CardBlocked) as error:
        raise ProfessionalUnknown(reason=error.reason) from error
    except (InvalidNumber, ValueError, binascii.Error) as error:
        raise ProfessionalUnknown(reason="certificate_without_national_id") from error
    if person is not None and not person.is_active:
        raise ProfessionalUnknown(reason="person_inactive")
    return Professional(
        identity=identity,
        national_id=certificate.subject_number,
        name=certificate.holder,
        person=person.pk if person else None,
        card_serial=certificate.serial,
    )


def _believed(chain: Sequence[str]) -> CardCertificate:
    certificates = load_chain([base64.b64decode(each, validate=True) for each in chain])
    anchors = TrustAnchor.objects.for_kind(CardKind.HPC, demo=settings.DEMO)
    trusted = {load_pem(each.certificate): each.needs_list for each in anchors}
    certificate = validate(certificates, anchors=trusted, at=clock.now())
    needs_list = {fingerprint(each): needs for each, needs in trusted.items()}
    check_revocation(certificate, needs_list=needs_list[certificate.anchor])
    return certificate


def _by_fast_authentication(place: Place) -> Professional:
    now = clock.now()
    session = (
        Session.objects.of_workstation(place.workstation)
        .filter(card_kind=CardKind.HPC, card_fast_until__gt=now, expire_date__gt=now)
        .select_related("person")
        .order_by("-card_proof_at")
        .first()
    )
    if session is None:
        raise ProfessionalMissing(reason="no_card_and_no_fast_authentication")
    person: Person = session.person
    identifier = Identifier.objects.filter(
        identity=person.identity_id, kind=IdentifierKind.NATIONAL_ID
    ).first()
    if identifier is None:
        raise ProfessionalUnknown(reason="no_national_id")
    return Professional(
        identity=identifier.identity_id,
        national_id=reveal(identifier),
        name=person.name,
        person=person.pk,
        card_serial=session.card_serial,
    )


def _works_here(found: Professional, place: Place) -> bool:
    """A member of the institution, or one of its practitioners by the register."""
    today = clock.today()
    members = Membership.objects.in_force(today).filter(
        person__identity=found.identity, institution=place.institution
    )
    practices = Practice.objects.in_force(today).filter(
        practitioner=found.identity, institution=place.institution
    )
    return members.exists() or practices.exists()
