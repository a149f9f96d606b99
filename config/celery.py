"""Celery on Redis. Truth and outbox stay in PostgreSQL: losing Redis loses no work."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_success

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("ankang")
app.set_default()  # for all threads: Celery's "current app" is the creating thread's own
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_success.connect
def note_success(sender: Any, **kwargs: Any) -> None:
    """A signal of Celery's, not of the domain: it tells what ran, not what happened."""
    from apps.core.jobs import note_success

    note_success(sender.name)
