"""A booking as a calendar file (RFC 5545), for the citizen's own calendar (FEATURES C7)."""

from datetime import UTC, datetime

from django.utils.translation import gettext

from apps.booking.models import Booking
from apps.booking.terms import ENDED_EARLY
from apps.core import clock

CONTENT_TYPE = "text/calendar; charset=utf-8"
LONGEST_LINE = 75  # octets without the line break, RFC 5545 section 3.1


def write_calendar(booking: Booking) -> str:
    """One event; a later file of the same booking replaces it in the calendar (UID, SEQUENCE).

    It names the site, the time and the booking's number, and nothing of the person.
    """
    slot, site = booking.slot, booking.slot.site
    cancelled = booking.state in ENDED_EARLY
    title = gettext("Vaccination at %(site)s") % {"site": site.label}
    number = gettext("Booking number %(number)s") % {"number": booking.full_number}
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Ankang//Booking//ZH",
        f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{booking.pk}",
        f"SEQUENCE:{booking.revision - 1}",
        f"DTSTAMP:{_moment(clock.now())}",
        f"DTSTART:{_moment(slot.begins_at)}",
        f"DTEND:{_moment(slot.ends_at)}",
        f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
        f"SUMMARY:{_text(title)}",
        f"LOCATION:{_text(site.institution.name + ' ' + site.institution.full_address)}",
        f"DESCRIPTION:{_text(number)}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(_fold(line) + "\r\n" for line in lines)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """RFC 5545 section 3.3.11: backslash, semicolon, comma and line break are escaped."""
    for plain in ("\\", ";", ","):
        value = value.replace(plain, "\\" + plain)
    return value.replace("\r\n", "\\n").replace("\n", "\\n")


def _fold(line: str) -> str:
    """Lines of at most 75 octets that never cut a character in two."""
    parts, room = [""], LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append(" ")
            room = LONGEST_LINE - 1
        parts[-1] += character
        room -= size
    return "\r\n".join(parts)
