"""Celery on Redis. Truth and outbox stay in PostgreSQL: losing Redis loses no work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("ankang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
