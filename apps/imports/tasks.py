"""Imports in the background. The state is PostgreSQL's: a task that is lost or given twice does no harm."""

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.core import clock
from apps.imports.models import ImportRun
from apps.imports.services import expire_imports
from apps.imports.services import process_import as process

logger = logging.getLogger(__name__)


@shared_task(name="imports.process_import")
def process_import(run: str) -> None:
    process(UUID(run))


@shared_task(name="imports.resume_imports")
def resume_imports() -> None:
    """Takes up what a killed worker or a lost Redis left lying, and drops what nobody published."""
    for run in ImportRun.objects.left_alone(clock.now()).order_by("created_at"):
        process(run.pk)
    expire_imports()


def enqueue(run: UUID) -> None:
    """Hands the run to a worker; without Redis the schedule finds it within a minute or two."""
    try:
        process_import.delay(str(run))
    except OperationalError:
        logger.warning("import %s waits for the schedule: Redis does not answer", run)
