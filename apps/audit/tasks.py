"""Scheduled work of the access log."""

import logging

from celery import shared_task

from apps.audit import partitions
from apps.audit.actors import Actor
from apps.audit.bringing_in import EntriesMissing
from apps.audit.bringing_in import bring_in as bring_in_journal
from apps.audit.downtime import JournalDamaged
from apps.audit.services import LogUnavailable

logger = logging.getLogger(__name__)


@shared_task(name="audit.ensure_partitions")
def ensure_partitions() -> int:
    """Daily: makes months ahead.

    On a busy table it gives up after its lock timeout; tomorrow is early enough.
    """
    return partitions.ensure_partitions()


@shared_task(name="audit.bring_in")
def bring_in() -> int:
    """Every minute: what was kept while the log failed, as soon as it takes events again."""
    try:
        return bring_in_journal(by=Actor.system("audit.bring_in"))
    except JournalDamaged as error:
        logger.critical("the journal of the downtime was tampered with: %s", error)
    except EntriesMissing as error:
        logger.critical("the journal of the downtime was cut off: %s", error)
        return error.brought_in
    except LogUnavailable:
        logger.warning("the journal of the downtime waits: the log takes no events yet")
    return 0
