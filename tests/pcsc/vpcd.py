"""Puts the agent's virtual cards into a real pcscd, through the driver of vsmartcard-vpcd.

Each message of vpcd is a length of two bytes and so much content; one byte is an order (off, on,
reset, or "send your ATR"), more is a command to the card. Connecting is insertion, closing is removal.
"""

import json
import socket
import threading
from functools import reduce
from operator import xor
from typing import Any

from agent.readers.virtual.card import VirtualCard
from agent.readers.virtual.card_files import CardFile, parse_card

OFF, ON, RESET, SEND_ATR = 0x00, 0x01, 0x02, 0x04


def make_atr(history: bytes, *, byte_wise: bool = False) -> bytes:
    """An answer to reset (ISO/IEC 7816-3, 8.2) that offers T=1, or only T=0."""
    if byte_wise:
        return bytes([0x3B, len(history)]) + history
    body = bytes([0x80 | len(history), 0x80, 0x01]) + history
    return b"\x3b" + body + bytes([reduce(xor, body)])


def card_of(content: dict[str, Any]) -> CardFile:
    """The card that a card file of that content describes."""
    return parse_card("card", json.dumps(content).encode())


class InsertedCard:
    """One card in one vpcd reader. `commands` keeps what it was asked, `orders` counts power and resets."""

    def __init__(
        self, card: VirtualCard, *, port: int, atr: bytes, pulled_after: int | None = None
    ) -> None:
        self._card = card
        self._atr = atr
        self._pulled_after = pulled_after
        self._rest = b""
        self.byte_wise = not atr[1] & 0xF0
        self.commands: list[bytes] = []
        self.orders = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def pull(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # pcscd was stopped before
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        try:
            while True:
                message = self._receive(int.from_bytes(self._receive(2), "big"))
                if len(message) > 1:
                    if len(self.commands) == self._pulled_after:
                        return
                    self.commands.append(message)
                    self._send(self._answer(message))
                elif message == bytes([SEND_ATR]):
                    self._send(self._atr)
                else:
                    self.orders += 1
                    self._card.reset()
        except (EOFError, OSError):
            pass
        finally:
            self._socket.close()

    def _answer(self, message: bytes) -> bytes:
        if not self.byte_wise:
            data, status = self._card.process(message)
            return data + status.to_bytes(2, "big")
        return self._byte_wise(message)

    def _byte_wise(self, message: bytes) -> bytes:
        """T=0: data after a command with data are announced, and fetched by GET RESPONSE."""
        if message[1] == 0xC0:
            size = message[4] or 256
            piece, self._rest = self._rest[:size], self._rest[size:]
            left = min(len(self._rest), 0xFF)
            return piece + (bytes([0x61, left]) if left else b"\x90\x00")
        assert len(message) <= 5 or len(message) == 5 + message[4], "T=0 has no Le beside data"
        data, status = self._card.process(message)
        if not data:
            return status.to_bytes(2, "big")
        self._rest = data
        return bytes([0x61, min(len(data), 0xFF)])

    def _receive(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            # vpcd writes length and content apart: a delayed acknowledgement costs 40 ms each.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            piece = self._socket.recv(size - len(received))
            if not piece:
                raise EOFError
            received += piece
        return received

    def _send(self, content: bytes) -> None:
        self._socket.sendall(len(content).to_bytes(2, "big") + content)
