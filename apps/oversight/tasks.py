"""Scheduled work of oversight."""

from celery import shared_task

from apps.audit.actors import Actor
from apps.oversight.services import comparing, flagging


@shared_task(name="oversight.find_flags")
def find_flags() -> int:
    """Every five minutes: what the rules of the review queue find in the log."""
    return flagging.find_flags(by=Actor.system("oversight.find_flags"))


@shared_task(name="oversight.compare_answers")
def compare_answers() -> int:
    """Every quarter of an hour: whether an hour had more answers about patients than events."""
    return comparing.compare_answers(by=Actor.system("oversight.compare_answers"))
