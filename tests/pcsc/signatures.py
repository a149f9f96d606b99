"""Checks a signature as a server would."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from agent.cards.pin import Pin
from agent.signers.base import CardSession

MESSAGE = b"what the server asked for"


def typed(digits: str) -> Pin:
    return Pin(bytearray(digits.encode()))


def check_signature(session: CardSession, signature: bytes) -> None:
    """Raises InvalidSignature when it is not over MESSAGE by the session's certificate."""
    key = session.certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        assert session.algorithm == "RS256"
        key.verify(signature, MESSAGE, padding.PKCS1v15(), hashes.SHA256())
        return
    assert session.algorithm == "ES256"
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert len(signature) == 64
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key.verify(encode_dss_signature(r, s), MESSAGE, ec.ECDSA(hashes.SHA256()))
