"""The folder of card files. docs/reference/virtual-cards.md describes the format."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from agent.cards.kinds import CardKind
from agent.cards.piv import CURVES, RSA_ALGORITHMS
from agent.readers.virtual.piv_applet import PrivateKey
from agent.readers.virtual.profiles import encode_card_data, encode_profile

CARD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FAULTS = {"cold_read": bool, "mute": bool, "pulled_after": int}
LARGEST_FILE = 256 * 1024


@dataclass(frozen=True)
class Faults:
    """What the card does wrong on purpose. `pulled_after`: it leaves after so many commands."""

    cold_read: bool = False
    mute: bool = False
    pulled_after: int | None = None


@dataclass(frozen=True)
class NhiContent:
    """`card_data` is None on a card that does not answer the cancellation mark."""

    profile: bytes
    card_data: bytes | None
    generation: int


@dataclass(frozen=True)
class PkiContent:
    pin: str = field(repr=False)
    tries: int
    chain: tuple[x509.Certificate, ...]
    key: PrivateKey = field(repr=False)


@dataclass(frozen=True)
class CardFile:
    """One card of the folder. `digest` changes with the file's content."""

    id: str
    kind: CardKind
    holder: str
    note: str
    faults: Faults
    content: NhiContent | PkiContent
    digest: str

    @property
    def pin(self) -> str | None:
        return self.content.pin if isinstance(self.content, PkiContent) else None


@dataclass(frozen=True)
class BrokenCardFile:
    """A file that is no card, and why. The other cards work all the same."""

    id: str
    problem: str


class CardFolder:
    """Reads the folder anew at each call; a file is parsed again only when it changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parsed: dict[Path, tuple[tuple[int, int], CardFile | BrokenCardFile]] = {}

    def cards(self) -> dict[str, CardFile]:
        return {card.id: card for card in self._all() if isinstance(card, CardFile)}

    def broken(self) -> list[BrokenCardFile]:
        return [card for card in self._all() if isinstance(card, BrokenCardFile)]

    def _all(self) -> list[CardFile | BrokenCardFile]:
        files = sorted(self._folder.glob("*.json"))
        self._parsed = {path: self._parse(path) for path in files}
        return [card for _, card in self._parsed.values()]

    def _parse(self, path: Path) -> tuple[tuple[int, int], CardFile | BrokenCardFile]:
        try:
            stat = path.stat()
            state = (stat.st_mtime_ns, stat.st_size)
            known = self._parsed.get(path)
            return known if known and known[0] == state else (state, load_card(path))
        except OSError as error:
            return (0, 0), BrokenCardFile(path.stem, error.strerror or "cannot be read")


def load_card(path: Path) -> CardFile | BrokenCardFile:
    """The card in `path`. Raises OSError when the file cannot be read."""
    if path.stat().st_size > LARGEST_FILE:
        return BrokenCardFile(path.stem, "larger than 256 kB")
    content = path.read_bytes()
    try:
        return parse_card(path.stem, content)
    except ValueError as error:
        return BrokenCardFile(path.stem, str(error))


def parse_card(card_id: str, content: bytes) -> CardFile:
    """The card a file describes. Raises ValueError with what is wrong, in words for its author."""
    if not CARD_ID.fullmatch(card_id):
        raise ValueError("the file name may have letters, digits, dots, hyphens and underscores")
    try:
        data = json.loads(content)
    except ValueError:
        raise ValueError("not JSON") from None
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    kind = _kind(data)
    inside = _pki(data) if kind.has_pin else _nhi(data)
    return CardFile(
        id=card_id,
        kind=kind,
        holder=_string(data, "holder", default=_holder(data)),
        note=_string(data, "note", default=""),
        faults=_faults(data.get("faults", {})),
        content=inside,
        digest=hashlib.sha256(content).hexdigest(),
    )


def _kind(data: Mapping[str, Any]) -> CardKind:
    try:
        return CardKind(_string(data, "kind", default=""))
    except ValueError:
        raise ValueError(f"kind must be one of {', '.join(CardKind)}") from None


def _holder(data: Mapping[str, Any]) -> str:
    profile = data.get("profile")
    return str(profile.get("name", "")) if isinstance(profile, dict) else ""


def _nhi(data: Mapping[str, Any]) -> NhiContent:
    generation = data.get("generation", 1)
    if generation not in (1, 2):
        raise ValueError("generation must be 1 or 2")
    if "cancelled" not in data and "emergency_phone" not in data:
        card_data = None
    else:
        cancelled = data.get("cancelled", False)
        if not isinstance(cancelled, bool):
            raise ValueError("cancelled must be true or false")
        phone = _string(data, "emergency_phone", default="")
        card_data = encode_card_data(cancelled=cancelled, emergency_phone=phone)
    return NhiContent(profile=_profile(data), card_data=card_data, generation=generation)


def _profile(data: Mapping[str, Any]) -> bytes:
    if ("profile" in data) == ("profile_hex" in data):
        raise ValueError("exactly one of profile and profile_hex is needed")
    if "profile_hex" in data:
        try:
            return bytes.fromhex(_string(data, "profile_hex"))
        except ValueError:
            raise ValueError("profile_hex is not hexadecimal") from None
    if not isinstance(data["profile"], dict):
        raise ValueError("profile must be an object")
    return encode_profile(data["profile"])


def _pki(data: Mapping[str, Any]) -> PkiContent:
    pin, tries = _string(data, "pin"), data.get("tries", 3)
    if not (pin.isascii() and pin.isdecimal() and 6 <= len(pin) <= 8):
        raise ValueError("pin must have 6 to 8 digits")
    if not isinstance(tries, int) or isinstance(tries, bool) or not 0 <= tries <= 15:
        raise ValueError("tries must be a number from 0 to 15")
    chain, key = _chain(data), _key(data)
    if chain[0].public_key() != key.public_key():
        raise ValueError("private_key does not belong to the first certificate")
    return PkiContent(pin=pin, tries=tries, chain=chain, key=key)


def _chain(data: Mapping[str, Any]) -> tuple[x509.Certificate, ...]:
    try:
        chain = x509.load_pem_x509_certificates(_string(data, "certificate").encode())
    except ValueError:
        raise ValueError("certificate must be PEM, the holder's first") from None
    if len(chain) > 4:
        raise ValueError("certificate may have at most three intermediates")
    return tuple(chain)


def _key(data: Mapping[str, Any]) -> PrivateKey:
    try:
        key = load_pem_private_key(_string(data, "private_key").encode(), password=None)
    except (ValueError, TypeError):
        raise ValueError("private_key must be PEM without a password") from None
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size in RSA_ALGORITHMS:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in CURVES:
        return key
    raise ValueError(
        "private_key must be RSA with 1024, 2048, 3072 or 4096 bits, or P-256 or P-384"
    )


def _faults(data: object) -> Faults:
    if not isinstance(data, dict) or any(
        name not in FAULTS or type(value) is not FAULTS[name] for name, value in data.items()
    ):
        raise ValueError("faults may have cold_read, mute (true, false) and pulled_after (number)")
    return Faults(**data)


def _string(data: Mapping[str, Any], name: str, *, default: str | None = None) -> str:
    value = data.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value
