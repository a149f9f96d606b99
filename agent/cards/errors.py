"""What can go wrong between the agent and a card. `code` is what pages and tests hold on to."""

from typing import ClassVar


class CardError(Exception):
    """Base of all: the card, or its reader, did not do what was asked."""

    code: ClassVar[str] = "card_error"


class CardRemoved(CardError):
    """The card left the reader, before or during the work."""

    code = "card_removed"


class CardMute(CardError):
    """The reader has a card that does not answer (upside down, dirty, broken)."""

    code = "card_mute"


class CardUnreadable(CardError):
    """The card answered something that cannot be a card of its kind."""

    code = "card_unreadable"


class ReaderBusy(CardError):
    """Another program, or another page, keeps the reader to itself."""

    code = "reader_busy"


class PinMalformed(CardError):
    """The PIN has another length than 6 to 8 digits. It was not sent: no try is spent."""

    code = "pin_length"


class PinWrong(CardError):
    """The card refused the PIN; `tries_left` is at least 1."""

    code = "pin_wrong"

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"{tries_left} tries left")
        self.tries_left = tries_left


class PinLocked(CardError):
    """No tries are left: only the card's issuer can unlock it."""

    code = "pin_locked"
