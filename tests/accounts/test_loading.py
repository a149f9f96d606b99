"""What is written out for speed says the same as the query set that it stands for."""

import itertools
from datetime import timedelta

import pytest

from apps.accounts.models import Session
from apps.accounts.sessions import SessionStore, digest
from apps.cards.models import Reading
from apps.cards.readings import ReadingGone, fetch_reading, seal_reading
from apps.core import clock
from tests.support.booking import READING
from tests.support.world import Pharmacy

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
KEY = "k" * 32


@pytest.mark.parametrize(
    ("expired", "idle", "inactive"), list(itertools.product([False, True], repeat=3))
)
def test_a_session_loads_exactly_when_it_is_alive(expired, idle, inactive) -> None:
    now = clock.now()
    session = Pharmacy().session()
    Session.objects.filter(id=session.id).update(
        session_key=digest(KEY),
        expire_date=now - HOUR if expired else now + HOUR,
        last_seen_at=now - HOUR if idle else now,
    )
    session.person.is_active = not inactive
    session.person.save()
    loaded = SessionStore(KEY).record
    assert loaded == Session.objects.alive(now).filter(id=session.id).first()
    if loaded:
        assert loaded.person == session.person
        assert vars(loaded).keys() >= vars(Session.objects.get(id=session.id)).keys()


@pytest.mark.parametrize(("hours", "found"), [(0, True), (23, True), (25, False)])
def test_a_reading_loads_exactly_while_it_is_fresh(hours, found) -> None:
    pharmacy = Pharmacy()
    session = pharmacy.session()
    reading = Reading(
        patient=session.person.identity,
        session_id=session.id,
        workstation=pharmacy.workstation,
        read_at=clock.now() - timedelta(hours=hours),
    )
    seal_reading(reading, READING).save()
    assert Reading.objects.fresh(clock.now()).filter(pk=reading.pk).exists() is found
    if found:
        assert fetch_reading(reading.pk, session=session.id) == (reading, READING)
    else:
        with pytest.raises(ReadingGone):
            fetch_reading(reading.pk, session=session.id)
