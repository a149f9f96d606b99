"""Signing by plain PIV commands, over whichever backend the card lies in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cryptography.x509 import Certificate

from agent.cards.errors import CardUnreadable
from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.cards.piv import PivSession
from agent.readers.base import Reader
from agent.signers.card_kinds import CardKinds


class PivSigner:
    name = "piv"

    def __init__(self, kinds: CardKinds) -> None:
        self._kinds = kinds

    def kind(self, reader: Reader) -> CardKind | None:
        known = reader.pki_kind()
        if known is not None:
            return known
        with reader.connect() as connection:
            try:
                return self._kinds.of(PivSession(connection).certificate)
            except CardUnreadable:
                return None

    @contextmanager
    def open(self, reader: Reader) -> Iterator["PivCard"]:
        with reader.connect() as connection:
            yield PivCard(PivSession(connection))


class PivCard:
    pin_pad = False

    def __init__(self, session: PivSession) -> None:
        self._session = session

    @property
    def certificate(self) -> Certificate:
        return self._session.certificate

    @property
    def chain(self) -> Sequence[Certificate]:
        return self._session.chain

    @property
    def algorithm(self) -> str:
        return self._session.algorithm

    def tries_left(self) -> int | None:
        return self._session.tries_left()

    def sign(self, message: bytes, *, pin: Pin) -> bytes:
        self._session.verify(pin)
        try:
            return self._session.sign(message)
        finally:
            self._session.log_out()
