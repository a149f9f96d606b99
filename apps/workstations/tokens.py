"""Bearer tokens for programs that read over FHIR: for an institution's, and for an auditor's.

A token says who asks and nothing else; what they may is decided anew on each request, so revoking
the workstation, the entitlement or the session ends it at once. It is signed, not stored: losing
Redis logs no program out. A nonce is good for one token (DESIGN 3: fresh by the server, not by the
workstation's clock).
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Session
from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Denied, SignInNeeded, Unavailable
from apps.workstations.models import Workstation
from apps.workstations.proofs import read_agent_claims

NONCE_LIFETIME = timedelta(minutes=1)
WORKSTATION_LIFETIME = timedelta(minutes=5)
SESSION_LIFETIME = timedelta(minutes=30)
_NONCE_SALT, _TOKEN_SALT = "fhir.nonce", "fhir.token"


class TokenNeeded(SignInNeeded):
    code = "FHIR-401"
    message = _("A bearer token is needed here.")
    way_on = _("The CapabilityStatement at /fhir/metadata says how a program gets one.")


class TokenRefused(TokenNeeded):
    code = "FHIR-TOKEN"
    message = _("This token is not valid, or no longer.")


class NonceRefused(Denied):
    code = "FHIR-NONCE"
    message = _("This nonce is unknown, too old or was used before.")
    way_on = _("Please ask for a new one and sign it at once.")


class NotEnrolled(Denied):
    code = "FHIR-ENROL"
    message = _("Only programs at an enrolled workstation get a token.")


@dataclass(frozen=True)
class Token:
    text: str
    lifetime: timedelta


def make_nonce() -> str:
    return signing.dumps(secrets.token_urlsafe(16), salt=_NONCE_SALT)


def issue_workstation_token(*, proof: str, by: Actor) -> Token:
    """For the workstation whose agent signed `{"origin", "step": "fhir", "nonce"}`.

    Raises AgentProofError, NonceRefused, NotEnrolled.
    """
    key, claims = read_agent_claims(proof, expected={"origin": settings.ORIGIN, "step": "fhir"})
    _burn(str(claims.get("nonce", "")))
    workstation = Workstation.objects.active().filter(public_key=key).first()
    if workstation is None:
        raise NotEnrolled(reason="workstation_not_enrolled")
    here = Actor(
        institution=workstation.institution_id,
        workstation=workstation.pk,
        ip=by.ip,
        request_id=by.request_id,
    )
    record(event(Action.ISSUE_TOKEN, by=here))
    return _token({"workstation": str(workstation.pk)}, WORKSTATION_LIFETIME)


def issue_session_token(*, by: Actor) -> Token:
    """For a program of the person of this session; it ends with the session at the latest."""
    record(event(Action.ISSUE_TOKEN, by=by))
    return _token({"session": str(by.session)}, SESSION_LIFETIME)


def read_token(text: str, *, by: Actor) -> Actor:
    """Who asks: a workstation with its institution, or the person of a session, from where `by` is.

    Raises TokenRefused; also when workstation or session are gone since.
    """
    try:
        claims = signing.loads(text, salt=_TOKEN_SALT, max_age=SESSION_LIFETIME)
        lifetime = WORKSTATION_LIFETIME if "workstation" in claims else SESSION_LIFETIME
        signing.loads(text, salt=_TOKEN_SALT, max_age=lifetime)
    except signing.BadSignature as error:
        raise TokenRefused(reason="token_not_valid") from error
    if "workstation" in claims:
        return _workstation(UUID(claims["workstation"]), by)
    return _session(UUID(claims["session"]), by)


def _token(claims: dict[str, str], lifetime: timedelta) -> Token:
    return Token(signing.dumps(claims, salt=_TOKEN_SALT), lifetime)


def _burn(nonce: str) -> None:
    """Redis counts here as the memory of a minute; without it there is no token."""
    try:
        said = signing.loads(nonce, salt=_NONCE_SALT, max_age=NONCE_LIFETIME)
    except signing.BadSignature as error:
        raise NonceRefused(reason="nonce_not_valid") from error
    try:
        fresh = cache.add(f"fhir-nonce:{said}", 1, NONCE_LIFETIME.total_seconds() * 2)
    except Exception as error:
        raise Unavailable(reason="cache_away") from error
    if not fresh:
        raise NonceRefused(reason="nonce_used")


def _workstation(workstation_id: UUID, by: Actor) -> Actor:
    found = Workstation.objects.active().filter(pk=workstation_id).first()
    if found is None:
        raise TokenRefused(reason="workstation_revoked")
    return Actor(
        institution=found.institution_id,
        workstation=found.pk,
        ip=by.ip,
        request_id=by.request_id,
    )


def _session(session_id: UUID, by: Actor) -> Actor:
    found = Session.objects.alive(clock.now()).filter(id=session_id).first()
    if found is None:
        raise TokenRefused(reason="session_ended")
    return Actor(
        person=found.person_id,
        role=SessionRole(found.role),
        institution=found.institution_id,
        session=found.id,
        workstation=found.workstation_id,
        card_kind=found.card_kind,
        card_serial=found.card_serial,
        card_proof_at=found.card_proof_at,
        ip=by.ip,
        request_id=by.request_id,
    )
