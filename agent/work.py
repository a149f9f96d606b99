"""What is done with a card for a transaction. Everything here blocks: call it in a thread."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID

from agent.cards import nhi
from agent.cards.errors import CardRemoved
from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.jws import SigningKey, reading_digest, sign_by_agent, sign_by_card
from agent.readers.recognition import SeenCard
from agent.signers.base import Signer
from agent.transaction import Transaction


@dataclass(frozen=True)
class Holder:
    """Whom the card belongs to, for the agent's own page.

    `tries_left` is None without a PIN, and where the card does not say. `pin_pad`: the PIN is typed
    on the reader.
    """

    name: str
    tries_left: int | None
    pin_pad: bool = False


@dataclass(frozen=True)
class Modes:
    """What the agent tells the server about an HPC's signature (manual 4: HPCFASTAUTH, CSREMOTE)."""

    fast_authentication: bool = False
    remote_session: bool = False


class CardWork:
    """Reads and signs with the card in a reader. All methods may raise CardError."""

    def __init__(
        self, key: SigningKey, signer: Signer, *, modes: Callable[[], Modes] = Modes
    ) -> None:
        self._key = key
        self._signer = signer
        self._modes = modes

    def holder(self, card: SeenCard, transaction: Transaction) -> Holder:
        """Whose card it is: read from the card, kept nowhere."""
        if card.kind is CardKind.NHI:
            with card.reader.connect() as connection:
                return Holder(nhi.read_card(connection).name, None)
        with self._signer.open(card.reader) as session:
            name = common_name(session.certificate)
            return Holder(name, session.tries_left(), session.pin_pad)

    def read(self, card: SeenCard, transaction: Transaction) -> dict[str, Any]:
        """The result of an NHI card: its reading, vouched for by this agent only."""
        with card.reader.connect() as connection:
            _check_same(card)
            reading = nhi.read_card(connection).as_json() if transaction.claim.reading else None
        payload = _payload(transaction, CardKind.NHI, reading)
        return {"agent": self._by_agent(payload), "card": None, "reading": reading}

    def sign(self, card: SeenCard, transaction: Transaction, *, pin: Pin) -> dict[str, Any]:
        """The result of a card with PIN. Raises PinMalformed, PinWrong, PinLocked as well."""
        payload = _payload(transaction, card.kind or "", None)
        with self._signer.open(card.reader) as session:
            _check_same(card)
            by_card = sign_by_card(
                payload,
                algorithm=session.algorithm,
                chain=session.chain,
                sign=lambda message: session.sign(message, pin=pin),
            )
        told = asdict(self._modes()) if card.kind is CardKind.HPC else {}
        return {"agent": self._by_agent(payload | told), "card": by_card, "reading": None}

    def report(self, transaction: Transaction, report: dict[str, object]) -> dict[str, Any]:
        """The result of a component check: the agent's word on itself, without a card."""
        payload = _payload(transaction, "", report)
        return {"agent": self._by_agent(payload), "card": None, "reading": report}

    def _by_agent(self, payload: dict[str, object]) -> str:
        return sign_by_agent(self._key, payload | {"step": "result"})


def common_name(certificate: Certificate) -> str:
    """The holder as the certificate names them; "" when it does not, or in no characters."""
    try:
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except ValueError:  # names are only taken apart when they are asked for
        return ""
    return str(names[0].value).strip() if names else ""


def _check_same(card: SeenCard) -> None:
    """Another card may have come since we looked; its PIN or its patient is not the one meant."""
    if card.reader.insertion != card.insertion:
        raise CardRemoved


def _payload(
    transaction: Transaction, kind: str, reading: dict[str, object] | None
) -> dict[str, object]:
    """What both signatures cover: docs/reference/card-protocol.md section 3."""
    claim = transaction.claim
    return {
        "transaction": claim.transaction,
        "origin": claim.origin,
        "nonce": claim.nonce,
        "purpose": claim.purpose,
        "card_kind": str(kind),
        "reading_digest": reading_digest(reading),
    }
