"""How auditors read: newest first, page after page."""

from datetime import timedelta
from itertools import chain
from uuid import uuid4

import pytest
from django.db import Error, connection, transaction

from apps.audit.actors import Actor
from apps.audit.events import event
from apps.audit.models import Event
from apps.audit.services import record
from apps.audit.terms import Action

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return uuid4()


def look_at(patient, times=1, **who):
    return [
        record(event(Action.SHOW_BOOKING, by=Actor(**who), patient=patient)) for _ in range(times)
    ]


def test_of_a_patient_by_an_actor_at_an_institution(patient):
    person, institution = uuid4(), uuid4()
    (hers,) = look_at(patient, person=person, institution=institution)
    look_at(uuid4(), person=uuid4(), institution=uuid4())
    for found in (
        Event.objects.of_patient(patient),
        Event.objects.by_actor(person),
        Event.objects.at_institution(institution),
    ):
        assert [each.id for each in found] == [hers]


def test_newest_first(patient):
    numbers = look_at(patient, 3)
    found = Event.objects.of_patient(patient).newest_first()
    assert [each.id for each in found] == numbers[::-1]


def test_pages_follow_each_other_without_gap_or_repeat(patient):
    numbers = look_at(patient, 7)
    pages = []
    found = Event.objects.of_patient(patient).newest_first()
    page = list(found[:3])
    while page:
        pages.append([each.id for each in page])
        look_at(patient)  # what is new meanwhile moves nothing
        page = list(found.before(page[-1].cursor)[:3])
    assert [len(page) for page in pages] == [3, 3, 1]
    assert list(chain(*pages)) == numbers[::-1]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "1", "1-", "-1", "1-x", "1--1", "1 - 1", "١-١", f"{10**20}-1", f"{10**30}-1"],
)
def test_a_forged_cursor_is_an_error(cursor):
    with pytest.raises(ValueError, match="cursor"):
        Event.objects.before(cursor)


def test_a_cursor_with_a_huge_number_finds_nothing_wrong():
    assert list(Event.objects.before(f"0-{10**30}")) == []


def test_between_takes_the_beginning_and_leaves_the_end(patient):
    look_at(patient)
    moment = Event.objects.of_patient(patient).get().recorded_at
    tick = timedelta(microseconds=1)
    of_patient = Event.objects.of_patient(patient)
    assert of_patient.between(moment, moment + tick).exists()
    assert not of_patient.between(moment - tick, moment).exists()


def test_shows_words_for_what_was_done(patient):
    look_at(patient)
    found = Event.objects.of_patient(patient).get()
    assert found.get_action_display() == Action.SHOW_BOOKING.label
    assert str(found) == f"{found.id} show_booking"


def test_a_search_uses_the_index_of_its_key(patient):
    """Even with few rows, where PostgreSQL would rather read them all: the index is there and fits."""
    look_at(patient)
    cursor = Event.objects.of_patient(patient).get().cursor
    page = Event.objects.of_patient(patient).newest_first().before(cursor)[:50]
    with connection.cursor() as session:
        session.execute("SET LOCAL enable_seqscan = off")
        session.execute("SET LOCAL enable_bitmapscan = off")
        session.execute("SET LOCAL enable_sort = off")  # of an empty month it costs nothing
    plan = page.explain()
    assert "patient_recorded_at_id_idx" in plan
    assert "->  Sort" not in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    "attempt",
    [
        lambda found: found.save(),
        lambda found: found.delete(),
        lambda found: Event.objects.filter(pk=found.pk).update(reason="another"),
        lambda found: Event.objects.create(id=1, action="log_in", recorded_at=found.recorded_at),
    ],
    ids=["save", "delete", "update", "create"],
)
def test_the_model_only_reads(attempt, patient):
    look_at(patient)
    found = Event.objects.of_patient(patient).get()
    with pytest.raises(Error, match=r"permission denied|non-DEFAULT value"), transaction.atomic():
        attempt(found)
