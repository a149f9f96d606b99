"""Scheduled work of the access log."""

from celery import shared_task

from apps.audit import partitions


@shared_task(name="audit.ensure_partitions")
def ensure_partitions() -> int:
    """Daily: makes months ahead.

    On a busy table it gives up after its lock timeout; tomorrow is early enough.
    """
    return partitions.ensure_partitions()
