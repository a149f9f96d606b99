"""The proof an agent gives with each call: a JWS by its own Ed25519 key (docs/reference/card-protocol.md).

Fresh by the server's transaction id inside, not by the workstation's clock, which may be days off.
"""

import secrets
from datetime import timedelta
from typing import Any

import jwt
from django.core import signing
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Refusal

AGENT_TYPE = "ankang-agent+jwt"
CHALLENGE = "apps.workstations.challenge"  # the salt of its signature
CHALLENGE_LIFETIME = timedelta(minutes=1)


class AgentProofError(Denied):
    code = "AGENT-PROOF"
    message = _("The card component on this workstation could not prove itself.")
    way_on = _("Please restart the card component and try again.")


class ChallengeExpired(Refusal):
    code = "AGENT-CHALLENGE"
    message = _("This challenge is not one of this server or is too old.")
    way_on = _("Please try again; the card component asks for a new one by itself.")


def make_challenge() -> str:
    """What an agent signs within a minute to show that it is there now, whatever its clock says."""
    made: str = signing.dumps(secrets.token_urlsafe(16), salt=CHALLENGE)
    return made


def check_challenge(challenge: str) -> None:
    """Raises ChallengeExpired. Nothing is kept: within its minute a challenge may be used again."""
    try:
        signing.loads(challenge, salt=CHALLENGE, max_age=CHALLENGE_LIFETIME)
    except signing.BadSignature as error:
        raise ChallengeExpired(reason="challenge_unknown_or_old") from error


def read_agent_proof(token: str, *, expected: dict[str, str]) -> str:
    """The public key (JWK `x`) that signed `token`, whose payload must hold all of `expected`.

    A key in the header proves only that its owner signed this; whether the key is enrolled is asked
    afterwards.
    """
    public_key, _payload = read_agent_claims(token, expected=expected)
    return public_key


def read_agent_claims(token: str, *, expected: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """As `read_agent_proof`, with all that was signed."""
    try:
        header = jwt.get_unverified_header(token)
        public_key = _key_of(header)
        payload = jwt.decode(
            token,
            jwt.PyJWK(header["jwk"], algorithm="EdDSA").key,
            algorithms=["EdDSA"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise AgentProofError(reason="agent_proof_broken") from error
    if any(payload.get(name) != value for name, value in expected.items()):
        raise AgentProofError(reason="agent_proof_for_something_else")
    return public_key, payload


def _key_of(header: dict[str, Any]) -> str:
    jwk = header["jwk"]
    if header.get("typ") != AGENT_TYPE or jwk["kty"] != "OKP" or jwk["crv"] != "Ed25519":
        raise ValueError("not an agent's proof")
    if "d" in jwk or len(jwk["x"]) != 43:
        raise ValueError("not a public key")
    return str(jwk["x"])


def claimed_card_kind(token: str) -> str:
    """Which kind of card the proof speaks of; to be confirmed by `read_agent_proof` with the rest."""
    try:
        payload = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise AgentProofError(reason="agent_proof_broken") from error
    return str(payload.get("card_kind", ""))
