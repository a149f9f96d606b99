"""Retention of sessions and of what was typed wrong (DESIGN section 5)."""

from celery import shared_task

from apps.accounts.passwords import forget_old
from apps.accounts.sessions import SessionStore


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Removes sessions past their absolute limit (idle ones no longer open anything), attempts that
    no longer count, and registration codes that have expired.
    """
    SessionStore.clear_expired()
    forget_old()
