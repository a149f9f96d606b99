"""Whom to call: the numbers and hours that the manuals print."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Contact:
    """A help desk: what it is for, its phone number, and when somebody answers."""

    name: str | Promise
    phone: str
    hours: str | Promise

    @property
    def tel(self) -> str:
        """The number as a `tel:` link wants it: digits only, in Taiwan's own form."""
        return "".join(character for character in self.phone if character.isdigit())


# Manual 1, 登錄預約: 系統操作諮詢.
HELP_DESK = Contact(_("System help desk"), "02-7735-2992", _("09:00–18:00"))
# Manual 1, 一、登入系統: 若VPN連結有問題.
NETWORK_DESK = Contact(
    _("Connection and card reader help"),
    "07-231-8122",
    _("Monday to Friday 8:00–19:45, Saturday 8:00–17:00"),
)
