"""Scheduled work of authorization."""

import contextlib

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.access.services import sweeping
from apps.audit.actors import Actor


@shared_task(name="access.close_expired_grants")
def close_expired_grants() -> None:
    """guardian calls every row a live permission, so expired rows go (DESIGN section 4)."""
    sweeping.close_expired_grants(by=Actor.system("close_expired_grants"))


@shared_task(name="access.follow_offices")
def follow_offices() -> None:
    """After imports changed who is responsible."""
    sweeping.follow_offices(by=Actor.system("follow_offices"))


def follow_soon() -> None:
    """Does not wait for the hour. Without Redis the next hour does it: the rows are the truth."""
    with contextlib.suppress(OperationalError):
        follow_offices.delay()
