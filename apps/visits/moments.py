"""Days and moments as the manual writes them: YYYMMDD and YYYMMDDhhmmss of the Republic, in Taiwan."""

import re
from datetime import date, datetime

from django.utils import timezone

from apps.core.roc import FIRST_YEAR, parse_roc

_MOMENT = re.compile(r"[0-9]{13}")


def write_day(day: date | None) -> str:
    """`0680229`; seven blanks for no day."""
    return f"{day.year - FIRST_YEAR:03d}{day:%m%d}" if day else " " * 7


def write_moment(moment: datetime) -> str:
    """`1151124144630`, 就診日期時間."""
    local = timezone.localtime(moment)
    return f"{local.year - FIRST_YEAR:03d}{local:%m%d%H%M%S}"


def read_moment(text: str) -> datetime:
    """Raises ValueError when there is no such moment."""
    if not _MOMENT.fullmatch(text):
        raise ValueError("a moment is thirteen digits")
    day = parse_roc(text[:7])
    clock = (int(text[7:9]), int(text[9:11]), int(text[11:13]))
    return timezone.make_aware(datetime(day.year, day.month, day.day, *clock))  # noqa: DTZ001


def roc_year(moment: datetime) -> int:
    """115 for 2026, as it is in Taiwan."""
    return timezone.localtime(moment).year - FIRST_YEAR
