"""The one clock. Everything that asks for the time asks here, so that a test can move it."""

from datetime import date, datetime, time

from django.utils import timezone

TAIWAN = timezone.get_default_timezone()  # settings.TIME_ZONE; no page is shown in another


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """The present day in Taiwan."""
    return day_of(now())


def as_local(moment: datetime) -> str:
    """`2026/11/24 14:00` in Taiwan."""
    return f"{timezone.localtime(moment):%Y/%m/%d %H:%M}"


def day_of(moment: datetime) -> date:
    """The day in Taiwan on which `moment` falls."""
    return timezone.localdate(moment, TAIWAN)


def start_of(day: date) -> datetime:
    """Midnight in Taiwan at which `day` begins."""
    return timezone.make_aware(datetime.combine(day, time.min))
