"""The few PC/SC calls the agent makes, with results as exceptions.

pyscard's thin layer `smartcard.scard` is used, not its objects: their monitor dies with the first
restart of pcscd (shared/reference/cards.md section 4). It is imported when the first `Winscard` is
made, so that virtual cards need no pyscard.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from agent.cards.errors import (
    CardError,
    CardMute,
    CardRemoved,
    CardReset,
    ReaderBusy,
    ReaderGone,
    ServiceStopped,
)

PNP = "\\\\?PnP?\\Notification"  # the reader list changed, as Windows and pcsclite call it
STATE_BITS = 0xFFFF

# By name, because the numbers differ in their sign between platforms.
FAULTS: dict[type[CardError], tuple[str, ...]] = {
    CardRemoved: ("SCARD_E_NO_SMARTCARD", "SCARD_W_REMOVED_CARD"),
    CardReset: ("SCARD_W_RESET_CARD",),
    CardMute: (
        "SCARD_W_UNRESPONSIVE_CARD",
        "SCARD_W_UNPOWERED_CARD",
        "SCARD_W_UNSUPPORTED_CARD",
        "SCARD_E_CARD_UNSUPPORTED",
        "SCARD_E_PROTO_MISMATCH",
        "SCARD_E_NOT_TRANSACTED",
    ),
    ReaderBusy: ("SCARD_E_SHARING_VIOLATION", "SCARD_E_SERVER_TOO_BUSY"),
    ReaderGone: (
        "SCARD_E_UNKNOWN_READER",
        "SCARD_E_READER_UNAVAILABLE",
        "SCARD_E_NO_READERS_AVAILABLE",
    ),
}


class PcscMissing(Exception):
    """pyscard, or the system's PC/SC library, is not installed."""


class TimedOut(Exception):
    """Nothing changed in the time given."""


class Winscard:
    """Handles are the system's numbers. Every call raises a CardError where it fails."""

    def __init__(self) -> None:
        """Raises PcscMissing."""
        try:
            self._api: Any = import_module("smartcard.scard")
        except ImportError as error:
            raise PcscMissing(str(error)) from error
        self._faults = {
            getattr(self._api, name): fault for fault, names in FAULTS.items() for name in names
        }

    def establish(self) -> int:
        code, context = self._api.SCardEstablishContext(self._api.SCARD_SCOPE_USER)
        self._check(code)
        return int(context)

    def release(self, context: int) -> None:
        self._api.SCardReleaseContext(context)

    def cancel(self, context: int) -> None:
        """End the wait in `status_change` of another thread."""
        self._api.SCardCancel(context)

    def reader_names(self, context: int) -> list[str]:
        code, names = self._api.SCardListReaders(context, [])
        if code == self._api.SCARD_E_NO_READERS_AVAILABLE:
            return []
        self._check(code)
        return [str(name) for name in names]

    def status_change(
        self, context: int, known: Sequence[tuple[str, int]], *, seconds: float
    ) -> list[tuple[str, int, bytes]]:
        """Wait until a reader's state is not the `known` one: name, state and ATR of each.

        Raises TimedOut.
        """
        code, states = self._api.SCardGetStatusChange(context, int(seconds * 1000), list(known))
        if code in {self._api.SCARD_E_TIMEOUT, self._api.SCARD_E_CANCELLED}:
            raise TimedOut
        self._check(code)
        return [(str(name), int(state), bytes(atr)) for name, state, atr in states]

    def present(self, state: int) -> bool:
        return bool(state & self._api.SCARD_STATE_PRESENT)

    def mute(self, state: int) -> bool:
        return bool(state & self._api.SCARD_STATE_MUTE)

    def gone(self, state: int) -> bool:
        """Whether the reader itself left."""
        return bool(state & (self._api.SCARD_STATE_UNKNOWN | self._api.SCARD_STATE_UNAVAILABLE))

    def connect(self, context: int, reader: str) -> tuple[int, int]:
        """The card's handle and protocol. Shared: the HIS may use the same card meanwhile."""
        api = self._api
        protocols = api.SCARD_PROTOCOL_T0 | api.SCARD_PROTOCOL_T1
        code, card, protocol = api.SCardConnect(context, reader, api.SCARD_SHARE_SHARED, protocols)
        self._check(code)
        return int(card), int(protocol)

    def reconnect(self, card: int) -> int:
        """Take the card up again after another program reset it; its protocol now."""
        api = self._api
        protocols = api.SCARD_PROTOCOL_T0 | api.SCARD_PROTOCOL_T1
        code, protocol = api.SCardReconnect(
            card, api.SCARD_SHARE_SHARED, protocols, api.SCARD_LEAVE_CARD
        )
        self._check(code)
        return int(protocol)

    def disconnect(self, card: int, *, reset: bool = False) -> None:
        api = self._api
        api.SCardDisconnect(card, api.SCARD_RESET_CARD if reset else api.SCARD_LEAVE_CARD)

    def begin(self, card: int) -> None:
        """Start a transaction; waits, without end, for the one of another program."""
        self._check(self._api.SCardBeginTransaction(card))

    def end(self, card: int) -> None:
        self._api.SCardEndTransaction(card, self._api.SCARD_LEAVE_CARD)

    def transmit(self, card: int, protocol: int, apdu: list[int]) -> bytes:
        pci = self._api.SCARD_PCI_T0 if self.byte_wise(protocol) else self._api.SCARD_PCI_T1
        code, answer = self._api.SCardTransmit(card, pci, apdu)
        self._check(code)
        return bytes(byte & 0xFF for byte in answer)

    def byte_wise(self, protocol: int) -> bool:
        """Whether the card speaks T=0."""
        return bool(protocol == self._api.SCARD_PROTOCOL_T0)

    def _check(self, code: int) -> None:
        if code == self._api.SCARD_S_SUCCESS:
            return
        fault = self._faults.get(code, ServiceStopped)
        raise fault(f"PC/SC {code & 0xFFFFFFFF:08X}")
