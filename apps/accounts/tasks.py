"""Retention of sessions (DESIGN section 5)."""

from celery import shared_task

from apps.accounts.sessions import SessionStore


@shared_task(name="accounts.clear_sessions")
def clear_sessions() -> None:
    """Removes sessions past their absolute limit; idle ones no longer open anything."""
    SessionStore.clear_expired()
