"""Every scheduled job shows its last success."""

import pytest
from django.conf import settings

from apps.core.jobs import last_successes, note_success
from apps.core.models import JobRun
from config.celery import app

pytestmark = pytest.mark.django_db


def test_every_scheduled_job_is_a_known_task_under_its_own_name() -> None:
    app.loader.import_default_modules()
    app.autodiscover_tasks(force=True)
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] == name
        assert name in app.tasks


def test_jobs_that_never_ran_are_listed_too() -> None:
    assert last_successes() == dict.fromkeys(settings.CELERY_BEAT_SCHEDULE)


def test_a_run_is_noted_by_celery_itself() -> None:
    app.tasks["accounts.clear_sessions"].apply().get()
    found = last_successes()
    assert found["accounts.clear_sessions"] is not None
    assert found["cards.clear_transactions"] is None


def test_a_job_that_is_not_scheduled_is_not_noted() -> None:
    note_success("somebody.else")
    assert not JobRun.objects.exists()
