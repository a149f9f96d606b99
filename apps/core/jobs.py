"""Scheduled jobs and when each last succeeded.

"Health must be proven by traffic, not state": a worker that runs and does nothing looks healthy, a job
without a recent success does not.
"""

from datetime import datetime

from django.conf import settings

from apps.core import clock
from apps.core.models import JobRun


def note_success(name: str) -> None:
    """Called after each run of a scheduled job (config.celery)."""
    if name in settings.CELERY_BEAT_SCHEDULE:
        JobRun.objects.update_or_create(name=name, defaults={"succeeded_at": clock.now()})


def last_successes() -> dict[str, datetime | None]:
    """Every scheduled job; None for one that never succeeded."""
    known = dict(JobRun.objects.values_list("name", "succeeded_at"))
    return {name: known.get(name) for name in settings.CELERY_BEAT_SCHEDULE}
