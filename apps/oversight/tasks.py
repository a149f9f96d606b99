"""Scheduled work of oversight."""

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.audit.actors import Actor
from apps.oversight.services import applying, comparing, exporting, flagging

logger = logging.getLogger(__name__)


@shared_task(name="oversight.write_export")
def write_export(export: str) -> None:
    exporting.write_export(UUID(export))


def enqueue_export(export: UUID) -> None:
    """Without Redis the export stays waiting, and the page says so."""
    try:
        write_export.delay(str(export))
    except OperationalError:
        logger.warning("export %s waits: Redis does not answer", export)


@shared_task(name="oversight.remove_old_exports")
def remove_old_exports() -> int:
    """Hourly: files older than a day; and those that lost their worker are handed out again."""
    for waiting in exporting.find_waiting():
        exporting.write_export(waiting)
    return exporting.remove_old_exports(by=Actor.system("oversight.remove_old_exports"))


@shared_task(name="oversight.find_flags")
def find_flags() -> int:
    """Every five minutes: what the rules of the review queue find in the log."""
    return flagging.find_flags(by=Actor.system("oversight.find_flags"))


@shared_task(name="oversight.compare_answers")
def compare_answers() -> int:
    """Every quarter of an hour: whether an hour had more answers about patients than events."""
    return comparing.compare_answers(by=Actor.system("oversight.compare_answers"))


@shared_task(name="oversight.apply_retention")
def apply_retention() -> int:
    """Daily: what the rules no longer keep."""
    done = applying.apply_retention(by=Actor.system("oversight.apply_retention"))
    return sum(each.count for each in done)
