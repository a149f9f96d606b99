"""What signs, seen from a card transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from cryptography.x509 import Certificate

from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.readers.base import Reader


class CardSession(Protocol):
    """One card with key and PIN. Everything may raise a CardError."""

    @property
    def certificate(self) -> Certificate: ...

    @property
    def chain(self) -> Sequence[Certificate]:
        """The certificate and the intermediates that the card holds, leaf first."""
        ...

    @property
    def algorithm(self) -> str:
        """RS256, ES256 or ES384, by the certificate's key."""
        ...

    @property
    def pin_pad(self) -> bool:
        """Whether the PIN is typed on the reader: then no page asks for it."""
        ...

    def tries_left(self) -> int | None:
        """How often the PIN may still be wrong; 0 when locked, None when the card does not say."""
        ...

    def sign(self, message: bytes, *, pin: Pin) -> bytes:
        """Show the PIN, sign the digest of `message` in JOSE form, and log out again.

        Raises PinMalformed (nothing was sent), PinWrong, PinLocked, PinPadCancelled.
        """
        ...


class Signer(Protocol):
    @property
    def name(self) -> str:
        """`piv` or `pkcs11`, as the report of a component check says it."""
        ...

    def kind(self, reader: Reader) -> CardKind | None:
        """The kind of the card in a reader; None when it is none of ours. Raises CardError."""
        ...

    def open(self, reader: Reader) -> AbstractContextManager[CardSession]:
        """The card in a reader. Raises CardError."""
        ...
