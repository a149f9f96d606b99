"""The proof that a call comes from an enrolled workstation: its key, a fresh challenge, and what it
may do now.

The agent signs each call with its own key. A challenge of ours stands in it, so that neither an old
call nor a workstation's clock counts; it is good for many calls of one workstation within ten
minutes, and a call that is repeated within them is the same call (`request`).
"""

import base64
import hashlib
from dataclasses import replace
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core import signing
from django.core.cache import cache

from apps.audit.actors import Actor
from apps.core import clock
from apps.institutions.terms import InstitutionStatus
from apps.visits.models import RandomNumber
from apps.visits.refusals import (
    ChallengeOld,
    InstitutionRefused,
    ModuleRefused,
    RandomNumberOld,
    SignatureRefused,
    TestCardRefused,
    TooManyCalls,
)
from apps.visits.services.numbers import Place
from apps.visits.terms import ROLE
from apps.workstations.models import Workstation
from apps.workstations.proofs import read_agent_claims
from apps.workstations.services import note_seen

CHALLENGE_SECONDS = 600
CALLS_A_MINUTE = 600
RANDOM_PREFIX = "ankang-random/1\n"
_SALT = "apps.visits.challenge"


class ProvenCall(NamedTuple):
    """A believed call: what the agent signed, where it stands, and who that makes the actor."""

    payload: dict[str, Any]
    place: Place
    by: Actor
    workstation: Workstation


def make_challenge(workstation: Workstation) -> str:
    return signing.dumps(str(workstation.pk), salt=_SALT)


def believe_call(
    *, agent: str, version: str, demo: bool, call: str, by: Actor, fresh: bool = True
) -> ProvenCall:
    """Raises AgentProofError, ModuleRefused, InstitutionRefused, TestCardRefused, ChallengeOld or
    TooManyCalls. `fresh` is False for the call that draws the challenge. One statement.
    """
    key, payload = read_agent_claims(
        agent, expected={"origin": settings.ORIGIN, "step": "his", "call": call}
    )
    workstation = Workstation.objects.select_related("institution").filter(public_key=key).first()
    if workstation is None:
        raise ModuleRefused(reason="workstation_unknown")
    here = Actor(
        role=ROLE,
        institution=workstation.institution_id,
        workstation=workstation.pk,
        ip=by.ip,
        request_id=by.request_id,
    )
    proven = ProvenCall(payload, _place(workstation), here, workstation)
    try:
        _check(workstation, demo)
        if fresh:
            _check_challenge(payload, workstation)
        _check_rate(workstation)
    except (ModuleRefused, InstitutionRefused, TestCardRefused, TooManyCalls) as refusal:
        raise _of(refusal, here) from None
    note_seen(workstation=workstation, version=version)
    return proven


def believe_signature(
    *, random: str, signature: str, institution_code: str, module_code: str, by: Actor
) -> ProvenCall:
    """The workstation that signed our random number (the web API; docs/reference/his.md).

    Raises RandomNumberOld, SignatureRefused, and what `believe_call` raises for who may.
    """
    drawn = (
        RandomNumber.objects.select_related("workstation__institution")
        .filter(number=random, expires_at__gt=clock.now())
        .first()
    )
    if drawn is None:
        raise RandomNumberOld(reason="random_number_unknown_or_expired")
    workstation = drawn.workstation
    told = (workstation.institution.code, workstation.module_code)
    if told != (institution_code, module_code):
        raise SignatureRefused(reason="module_of_another_number")
    if not _is_signature(signature, random, workstation.public_key):
        raise SignatureRefused(reason="signature_wrong")
    here = Actor(
        role=ROLE,
        institution=workstation.institution_id,
        workstation=workstation.pk,
        ip=by.ip,
        request_id=by.request_id,
    )
    try:
        _check(workstation, demo=False)
        _check_rate(workstation)
    except (ModuleRefused, InstitutionRefused, TooManyCalls) as refusal:
        raise _of(refusal, here) from None
    return ProvenCall({}, _place(workstation), here, workstation)


def _is_signature(signature: str, random: str, public_key: str) -> bool:
    """256 hexadecimal digits: Ed25519 signature, public key, SHA-256 of what was signed."""
    signed = f"{RANDOM_PREFIX}{settings.ORIGIN}\n{random}".encode()
    raw, key = bytes.fromhex(signature), base64.urlsafe_b64decode(public_key + "=")
    if raw[64:] != key + hashlib.sha256(signed).digest():
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(raw[:64], signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _of(refusal: Any, here: Actor) -> Any:
    """The refusal, with the workstation that it is about, for its event."""
    refusal.actor = replace(here)
    return refusal


def _check(workstation: Workstation, demo: bool) -> None:
    if not workstation.is_active:
        raise ModuleRefused(reason="workstation_revoked")
    institution = workstation.institution
    if institution.status != InstitutionStatus.ACTIVE:
        raise InstitutionRefused(reason="institution_inactive")
    if not institution.contracted:
        raise InstitutionRefused(reason="institution_not_contracted")
    if demo and not settings.DEMO:
        raise TestCardRefused(reason="demo_agent_at_real_server")


def _check_challenge(payload: dict[str, Any], workstation: Workstation) -> None:
    try:
        asked = signing.loads(
            str(payload.get("challenge", "")), salt=_SALT, max_age=CHALLENGE_SECONDS
        )
    except signing.BadSignature:
        raise ChallengeOld(reason="challenge_missing_or_old") from None
    if asked != str(workstation.pk):
        raise ChallengeOld(reason="challenge_of_another_workstation")


def _check_rate(workstation: Workstation) -> None:
    """Counted in Redis; without Redis nobody is slowed down (DESIGN 1: losing it loses nothing)."""
    key = f"his-calls:{workstation.pk}"
    try:
        calls = cache.incr(key)
        if calls == 1:  # it ran out between the look and the counting, and would now stay for ever
            cache.touch(key, 60)
    except ValueError:  # the first call of a minute
        cache.add(key, 1, timeout=60)
        return
    except Exception:  # whatever Redis says
        return
    if calls > CALLS_A_MINUTE:
        raise TooManyCalls(reason="too_many_calls")


def _place(workstation: Workstation) -> Place:
    return Place(
        institution=workstation.institution_id,
        institution_code=workstation.institution.code,
        workstation=workstation.pk,
        module_code=workstation.module_code,
    )
