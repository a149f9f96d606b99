"""The two signatures of a result.

The card's own, and the agent's (docs/reference/card-protocol.md section 3).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509
from django.utils.translation import gettext_lazy as _

from apps.cards.certificates import load_chain
from apps.core.errors import Denied

CARD_TYPE = "ankang-card+jwt"
ALGORITHMS = ["RS256", "ES256", "ES384"]


class CardProofError(Denied):
    code = "CARD-PROOF"
    message = _("The card could not prove itself.")
    way_on = _("Please insert the card again and repeat.")


@dataclass(frozen=True)
class CardProof:
    """A card's signature, taken apart but not yet believed.

    `verify` believes it, with the validated leaf's key.
    """

    token: str
    chain: list[x509.Certificate]

    @classmethod
    def read(cls, token: str) -> "CardProof":
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != CARD_TYPE:
                raise ValueError("not a card's proof")
            chain = [base64.b64decode(part, validate=True) for part in header["x5c"]]
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, binascii.Error) as error:
            raise CardProofError(reason="card_proof_unreadable") from error
        return cls(token, load_chain(chain))

    def verify(self, public_key: Any, *, expected: Mapping[str, str]) -> None:
        try:
            payload = jwt.decode(
                self.token,
                public_key,
                algorithms=ALGORITHMS,
                options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise CardProofError(reason="card_signature_invalid") from error
        if any(payload.get(name) != value for name, value in expected.items()):
            raise CardProofError(reason="card_signature_for_something_else")


def digest_reading(reading: Mapping[str, Any] | None) -> str:
    """What both signatures carry of a reading.

    Unpadded base64url of SHA-256 over its canonical JSON, or "".
    """
    if reading is None:
        return ""
    canonical = json.dumps(reading, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
