"""How messages reach citizens. One sender is chosen by settings.MESSAGE_SENDER and replaceable.

A worker may be killed after sending and before noting it, and then sends again: so every sender
takes a key, and the same key again is the same message (SMS gateways call it a client reference).
"""

from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SenderError(Exception):
    """The message did not go out; it is tried again later."""


class Sender(Protocol):
    def send(self, *, key: str, phone: str, text: str) -> None:
        """Sends `text` to `phone` once per `key`, or raises SenderError."""


class FileSender:
    """One file per message below the run-time folder: for the demo and for tests."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(settings.VAR_DIR) / "messages"

    def send(self, *, key: str, phone: str, text: str) -> None:
        """Writes `<key>.txt` in one step, so that a reader never finds half of it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = self.folder / f".{key}"
            draft.write_text(f"{phone}\n{text}\n", encoding="utf-8")
            draft.replace(self.folder / f"{key}.txt")
        except OSError as error:
            raise SenderError(str(error)) from error


def chosen_sender() -> Sender | None:
    """The sender of this installation; None where none was chosen, and messages wait."""
    if not settings.MESSAGE_SENDER:
        return None
    sender: Sender = import_string(settings.MESSAGE_SENDER)()
    return sender
