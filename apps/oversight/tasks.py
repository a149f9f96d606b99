"""Scheduled work of oversight."""

from celery import shared_task

from apps.audit.actors import Actor
from apps.oversight.services import flagging


@shared_task(name="oversight.find_flags")
def find_flags() -> int:
    """Every five minutes: what the rules of the review queue find in the log."""
    return flagging.find_flags(by=Actor.system("oversight.find_flags"))
