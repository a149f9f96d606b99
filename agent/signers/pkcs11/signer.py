"""The cards that a vendor's PKCS#11 module knows, matched with the readers they lie in."""

import base64
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from agent.cards.errors import CardError, CardModuleFailed, CardUnreadable, PinMalformed
from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.cards.piv import jose_algorithm
from agent.readers.base import Reader
from agent.signers.card_kinds import CardKinds
from agent.signers.pkcs11.process import call_module

LOOK_SECONDS = 15.0
SIGN_SECONDS = 30.0
PIN_PAD_SECONDS = 90.0  # a person types on the reader meanwhile
FRESH_SECONDS = 3.0  # a look serves the steps of one page
# CKA_ID of the certificate for signing, by vendor: HiCOS "SIGN" and HCA "1" as texts, PIV 01.
SIGNING_IDS = ("5349474e", "31", "01")


@dataclass(frozen=True)
class Token:
    """A card as the module sees it. `reader` is the slot's description, mostly the reader's name."""

    slot: int
    reader: str
    flags: dict[str, bool]
    key: str
    chain: tuple[x509.Certificate, ...]


class Pkcs11Signer:
    """`reader_names` says which readers there are: a slot that names another one is not ours."""

    name = "pkcs11"

    def __init__(
        self, module: Path, kinds: CardKinds, *, reader_names: Callable[[], Sequence[str]]
    ) -> None:
        self._module = module
        self._kinds = kinds
        self._reader_names = reader_names
        self._looks: dict[tuple[str, int | None], tuple[float, Token | None]] = {}

    def kind(self, reader: Reader) -> CardKind | None:
        known = reader.pki_kind()
        if known is not None:
            return known
        with reader.reserve():
            token = self._token(reader)
        return self._kinds.of(token.chain[0]) if token else None

    @contextmanager
    def open(self, reader: Reader) -> Iterator["Pkcs11Card"]:
        with reader.reserve():
            token = self._token(reader)
            if token is None:
                raise CardUnreadable("the module knows no such card")
            card = Pkcs11Card(self._module, token)
            try:
                yield card
            finally:
                if card.used:
                    # The flags may have changed. And modules differ in what their logout does:
                    # OpenSC's leaves a PIV card open for whoever uses the reader next.
                    self._looks.clear()
                    with contextlib.suppress(CardError):
                        reader.reset()

    def _token(self, reader: Reader) -> Token | None:
        """The token in a reader; a look of a moment ago will do."""
        place = (reader.name, reader.insertion)
        looked_at, token = self._looks.get(place, (0.0, None))
        if not looked_at or time.monotonic() - looked_at > FRESH_SECONDS:
            token = self._look(reader.name)
            self._looks = {place: (time.monotonic(), token)}
        return token

    def _look(self, reader_name: str) -> Token | None:
        answer = call_module(self._module, {"do": "look"}, seconds=LOOK_SECONDS)
        tokens = [token for told in answer.get("tokens", ()) if (token := _parsed(told))]
        here = [token for token in tokens if same_reader(token.reader, reader_name)]
        if here:
            return here[0]
        names = self._reader_names()
        # Some modules name their slots by themselves: the only card can only be this one.
        nowhere = [t for t in tokens if not any(same_reader(t.reader, name) for name in names)]
        return nowhere[0] if len(nowhere) == len(tokens) == 1 else None


class Pkcs11Card:
    """`used` says whether a PIN may have been shown to the card."""

    def __init__(self, module: Path, token: Token) -> None:
        self._module = module
        self._token = token
        self.used = False

    @property
    def certificate(self) -> x509.Certificate:
        return self._token.chain[0]

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        return self._token.chain

    @property
    def algorithm(self) -> str:
        return jose_algorithm(self.certificate)

    @property
    def pin_pad(self) -> bool:
        return self._token.flags.get("pin_pad", False)

    def tries_left(self) -> int | None:
        if self._token.flags.get("locked"):
            return 0
        return 1 if self._token.flags.get("final_try") else None

    def sign(self, message: bytes, *, pin: Pin) -> bytes:
        if not self.pin_pad and not pin.well_formed:
            raise PinMalformed
        order = {
            "do": "sign",
            "slot": self._token.slot,
            "key": self._token.key,
            "certificate": self.certificate.fingerprint(hashes.SHA256()).hex(),
            "algorithm": self.algorithm,
            "message": base64.b64encode(message).decode("ascii"),
            "pin_pad": self.pin_pad,
        }
        self.used = True
        answer = call_module(
            self._module,
            order,
            seconds=PIN_PAD_SECONDS if self.pin_pad else SIGN_SECONDS,
            pin=None if self.pin_pad else pin,
        )
        return base64.b64decode(answer["signature"])


def same_reader(slot_description: str, reader_name: str) -> bool:
    """Whether a slot is a reader: a description has room for 64 bytes, and may cut the name."""
    slot, reader = (" ".join(text.casefold().split()) for text in (slot_description, reader_name))
    return bool(slot) and (reader.startswith(slot) or slot.endswith(reader))


def _parsed(told: dict[str, Any]) -> Token | None:
    """A token that has a certificate to sign with. Raises CardModuleFailed for nonsense."""
    try:
        certificates = {
            found["id"]: x509.load_der_x509_certificate(base64.b64decode(found["der"]))
            for found in told["certificates"]
        }
        key = _signing_id(certificates)
        if key is None:
            return None
        return Token(
            slot=told["slot"],
            reader=told["reader"],
            flags=told["flags"],
            key=key,
            chain=_chain(certificates[key], list(certificates.values())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CardModuleFailed("the module described a card that cannot be") from error


def _signing_id(certificates: dict[str, x509.Certificate]) -> str | None:
    """The vendor's id for signing, else the first certificate that is not a CA's.

    Private keys cannot be looked for: most cards show them after the PIN only.
    """
    holders = [id_ for id_, certificate in certificates.items() if not _is_ca(certificate)]
    named = [id_ for id_ in SIGNING_IDS if id_ in holders]
    return next(iter([*named, *holders]), None)


def _chain(
    leaf: x509.Certificate, others: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    chain = [leaf]
    while True:
        issuers = [c for c in others if c.subject == chain[-1].issuer and c not in chain]
        if not issuers:
            return tuple(chain)
        chain.append(issuers[0])


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return constraints.value.ca
