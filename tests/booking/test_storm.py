"""Everybody at once on real PostgreSQL: afterwards every number is right (C5).

`make storm` blows harder: more clients, deeds and slots, by the variables below.
"""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F

from apps.booking.models import Booking, Offer, Slot
from apps.booking.services.offers import offer_places
from apps.core import clock
from tests.support.booking import make_booking, make_campaign, make_entry, make_site, make_slot
from tests.support.storm import Storm
from tests.support.storm_checker import Acknowledged, complaints
from tests.support.web_storm import WebStorm, serve

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = int(os.environ.get("ANKANG_STORM_CLIENTS", "16"))
DEEDS = int(os.environ.get("ANKANG_STORM_DEEDS", "25"))
SLOTS = int(os.environ.get("ANKANG_STORM_SLOTS", "24"))
SEED = int(os.environ.get("ANKANG_STORM_SEED", "5"))


def blow(**changes) -> Storm:
    storm = Storm(
        **{"clients": CLIENTS, "deeds": DEEDS, "slots": SLOTS, "people": SLOTS * 3, "seed": SEED}
        | changes
    )
    storm.blow()
    return storm


def test_a_storm_leaves_every_number_right(events) -> None:
    storm = blow()
    assert complaints(storm.acknowledged, events()) == []
    assert min(storm.refusals["VBK-BOOKED"], storm.refusals["VBK-KEY"]) >= CLIENTS
    assert len(storm.acknowledged) >= CLIENTS
    storm.settle()
    assert Offer.objects.exists()
    assert storm.refusals["VBK-FULL"]
    offer_places()
    assert offer_places() == 0  # no place is free for which somebody waits
    assert complaints(storm.acknowledged, events()) == []


def test_a_storm_on_five_places(events) -> None:
    storm = blow(slots=1, people=CLIENTS * 4)
    assert complaints(storm.acknowledged, events()) == []
    storm.settle()
    assert storm.refusals["VBK-FULL"]
    assert complaints(storm.acknowledged, events()) == []


def test_killed_connections_lose_nothing_that_was_acknowledged(events) -> None:
    storm = blow(kill=True)
    assert complaints(storm.acknowledged, events()) == []
    assert storm.broken >= CLIENTS


def test_without_the_guard_the_checker_shows_the_race(events) -> None:
    """The control: two read one free place, both write; the database alone does not help."""
    slot = make_slot(make_site(make_campaign()), capacity=1)
    both_have_read = Barrier(2)

    def book_unguarded(_: int) -> None:
        try:
            seen = Slot.objects.get(pk=slot.pk)
            assert seen.left == 1
            both_have_read.wait(timeout=30)
            make_booking(slot, counted=False)
            Slot.objects.filter(pk=slot.pk).update(booked=seen.booked + 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(book_unguarded, range(2)))
    found = complaints([], events())
    assert "oversold: 2 of 1" in found
    assert "counter says 1, rows are 2" in found


def test_a_kept_place_that_nobody_counts_shows(events) -> None:
    """The control of the waiting list: an offer made beside the counter, as two statements would."""
    slot = make_slot(make_site(make_campaign()), capacity=1)
    ends = clock.now() + timedelta(hours=1)
    Offer.objects.create(entry=make_entry(slot.site), slot=slot, expires_at=ends)
    make_booking(slot, counted=False)
    Slot.objects.filter(pk=slot.pk).update(booked=1)
    found = complaints([], events())
    assert "oversold: 2 of 1" in found
    assert "1 open offers of an entry that is WAITING" in found
    assert "0 events of 1 offers" in found


def test_killed_web_workers_lose_nothing_that_was_acknowledged(events, tmp_path) -> None:
    """The real server: whoever got the redirect has the booking, whatever became of the worker."""
    storm = WebStorm(people=60, slots=4, places=10)
    with serve(tmp_path / "web.log") as web:
        answers = storm.blow(web)
    assert web.killed >= 2
    assert len(answers) >= 10
    booked = dict(Booking.objects.values_list("patient_id", "slot_id"))
    assert all(booked.get(patient) == slot for patient, slot in answers.items())
    assert complaints([], events()) == []


def test_the_checker_misses_neither_answers_nor_traces(events) -> None:
    booking = make_booking(make_slot(make_site(make_campaign())))
    told = Acknowledged(uuid.uuid4(), 1, booking.slot_id, "0912345678", live=True)
    wrong = Acknowledged(booking.pk, 1, booking.slot_id, "0900000000", live=True)
    found = complaints([told, wrong], events())
    assert any(line.startswith("acknowledged and gone") for line in found)
    assert any(line.startswith("not as acknowledged") for line in found)
    assert any(line.startswith("events of") for line in found)
    assert any(line.startswith("outbox of") for line in found)
    Booking.objects.update(revision=F("revision") + 1)
    assert not any("not as acknowledged" in line for line in complaints([wrong], events()))
