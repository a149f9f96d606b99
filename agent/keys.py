"""The agent's own Ed25519 key: made at the first start, never leaves the workstation."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from agent.jws import base64url

KEY_FILE = "agent.key"


class AgentKeyError(Exception):
    """The key file exists but holds no Ed25519 key, or others may read it."""


class AgentKey:
    """The key by which servers recognise this workstation."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @property
    def public(self) -> str:
        """The `x` of the public JWK: base64url of the 32 bytes, 43 characters."""
        return base64url(self._private.public_key().public_bytes_raw())

    @property
    def jwk(self) -> dict[str, str]:
        return {"kty": "OKP", "crv": "Ed25519", "x": self.public}

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def load_or_make_key(home: Path) -> AgentKey:
    """The key in `home`, made when absent. Two first starts at once end with the same key."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / KEY_FILE
    if not path.exists():
        _make(path)
    return AgentKey(_load(path))


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    draft = path.with_name(f".{KEY_FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    try:
        os.link(draft, path)  # a complete file or none, and never over another's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _load(path: Path) -> Ed25519PrivateKey:
    if path.stat().st_mode & 0o077:
        raise AgentKeyError(f"{path.name} may be read by others: its mode must be 0600.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise AgentKeyError(f"{path.name} holds no readable key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AgentKeyError(f"{path.name} holds another kind of key than Ed25519.")
    return key
