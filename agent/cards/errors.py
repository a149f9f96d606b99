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


class CardReset(CardError):
    """Another program reset the card: what we had shown to it is forgotten."""

    code = "card_removed"


class ReaderGone(CardError):
    """The reader was unplugged."""

    code = "reader_gone"


class ServiceStopped(CardError):
    """The system's smart-card service does not answer."""

    code = "service_stopped"


class PinMalformed(CardError):
    """The PIN has another length than 6 to 8 digits. It was not sent: no try is spent."""

    code = "pin_length"


class PinWrong(CardError):
    """The card refused the PIN; `tries_left` is at least 1, or None when the card does not say."""

    code = "pin_wrong"

    def __init__(self, tries_left: int | None) -> None:
        super().__init__("tries left unknown" if tries_left is None else f"{tries_left} tries left")
        self.tries_left = tries_left


class PinLocked(CardError):
    """No tries are left: only the card's issuer can unlock it."""

    code = "pin_locked"


class PinPadCancelled(CardError):
    """The PIN was not typed on the reader in time, or its cancel key was pressed."""

    code = "pin_pad_cancelled"


class CardModuleMissing(CardError):
    """The vendor's PKCS#11 module cannot be loaded: wrong path, or 32-bit beside 64-bit."""

    code = "card_module_missing"


class CardModuleFailed(CardError):
    """The vendor's PKCS#11 module crashed, hung, or answered what it should not."""

    code = "card_module_failed"
