"""Scheduled work of the access log."""

from celery import shared_task

from apps.audit import partitions


@shared_task(name="audit.ensure_partitions")
def ensure_partitions() -> int:
    """Daily: makes months ahead. A busy table makes it give up after its lock timeout; tomorrow is early enough."""
    return partitions.ensure_partitions()
