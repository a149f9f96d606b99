"""Booking on real PostgreSQL.

Never oversold, never two live bookings, the same form twice is one booking (C5).
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.access.policies import decide
from apps.audit.actors import Actor
from apps.booking.models import Booking, Campaign, Slot
from apps.booking.policies import facts_about
from apps.booking.services import (
    AlreadyBooked,
    KeyReused,
    NotEligible,
    Request,
    SlotClosed,
    SlotFull,
    book_slot,
)
from apps.booking.terms import BookingState
from apps.core import clock
from apps.core.errors import Refusal
from apps.core.models import OutboxMessage
from apps.identities.models import Identity
from tests.support.booking import READING, make_campaign, make_site, make_slot
from tests.support.world import Pharmacy, make_institution


class Counter:
    """A pharmacist at the counter who books for whoever stands there."""

    def __init__(self, world: Pharmacy | None = None) -> None:
        self.world = world or Pharmacy()
        session = self.world.session()
        self.by = Actor(
            person=self.world.pharmacist.pk,
            role="STAFF",
            institution=self.world.institution.pk,
            session=session.id,
        )
        self.decision = decide(session=session.id, service="VBK")

    def book(self, patient: Identity, slot: Slot, *, key: uuid.UUID | None = None) -> uuid.UUID:
        request = Request(slot=slot.pk, phone="0912345678", key=key or uuid.uuid4())
        return self.send(patient, request)

    def send(self, patient: Identity, request: Request) -> uuid.UUID:
        (facts,) = facts_about(patient=patient.pk, birth_date=READING.birth_date)
        return book_slot(
            facts=facts,
            patient=patient.pk,
            reading=READING,
            request=request,
            decision=self.decision,
            by=self.by,
        )


@pytest.fixture
def slot() -> Slot:
    return make_slot(make_site(make_campaign()), capacity=2)


def patient() -> Identity:
    return Identity.objects.create()


@pytest.mark.django_db
class TestBookSlot:
    def test_takes_a_place_and_writes_everything_that_follows(self, slot, events) -> None:
        counter, citizen = Counter(), patient()

        booking = Booking.objects.get(pk=counter.book(citizen, slot))

        slot.refresh_from_db()
        assert slot.booked == 1
        assert booking.state == BookingState.BOOKED
        assert booking.full_number == f"MO,AZ01-{booking.number:010d}"
        assert (booking.masked_id, booking.phone) == ("C121****09", "0912345678")
        assert booking.institution == counter.world.institution
        message = OutboxMessage.objects.get(topic="booking_made")
        assert message.payload == {"booking": str(booking.pk)}
        (event,) = [event for event in events() if event["action"] == "book_slot"]
        assert event["outcome"] == "permitted"
        assert event["patient"] == citizen.pk
        assert event["object_id"] == str(booking.pk)
        assert event["grant_id"] == counter.world.grant.pk

    def test_statements(self, slot, django_assert_num_queries) -> None:
        """Savepoint, one statement for place, booking, outbox and event, release."""
        counter, citizen = Counter(), patient()
        (facts,) = facts_about(patient=citizen.pk, birth_date=READING.birth_date)
        request = Request(slot=slot.pk, phone="0912345678", key=uuid.uuid4())
        with django_assert_num_queries(3):
            book_slot(
                facts=facts,
                patient=citizen.pk,
                reading=READING,
                request=request,
                decision=counter.decision,
                by=counter.by,
            )

    def test_a_full_slot_is_refused(self, slot) -> None:
        counter = Counter()
        for _ in range(2):
            counter.book(patient(), slot)
        with pytest.raises(SlotFull):
            counter.book(patient(), slot)
        slot.refresh_from_db()
        assert slot.booked == 2

    @pytest.mark.parametrize(
        "close",
        [
            lambda slot: Slot.objects.update(closed=True),
            lambda slot: Slot.objects.update(
                begins_at=clock.now() - timedelta(minutes=1), ends_at=clock.now()
            ),
            lambda slot: type(slot.site).objects.update(active=False),
            lambda slot: slot.delete(),
        ],
        ids=["closed early", "already begun", "site ended", "gone"],
    )
    def test_a_slot_that_is_not_open_is_refused(
        self, slot: Slot, close: Callable[[Slot], Any]
    ) -> None:
        pk = slot.pk
        close(slot)
        slot.pk = pk
        with pytest.raises(SlotClosed):
            Counter().book(patient(), slot)

    def test_a_slot_of_another_campaign_is_refused(self, slot) -> None:
        """A form that somebody changed by hand must not book where the person was not judged."""
        other = make_slot(make_site(make_campaign(code="ZZ99", published=False)))
        with pytest.raises(SlotClosed):
            Counter().book(patient(), other)

    def test_eligibility_is_asked_again(self, slot) -> None:
        Campaign.objects.update(books_until=clock.now())
        with pytest.raises(NotEligible):
            Counter().book(patient(), slot)
        assert not Booking.objects.exists()

    def test_second_live_booking_is_refused_and_takes_no_place(self, slot) -> None:
        counter, citizen = Counter(), patient()
        counter.book(citizen, slot)
        later = make_slot(slot.site, days=3)
        with pytest.raises(AlreadyBooked):
            counter.book(citizen, later)
        later.refresh_from_db()
        assert later.booked == 0

    def test_a_booking_whose_time_has_passed_makes_room_for_a_new_one(self, slot) -> None:
        counter, citizen = Counter(), patient()
        first = counter.book(citizen, slot)
        passed = clock.now() - timedelta(days=1)
        Slot.objects.filter(pk=slot.pk).update(
            begins_at=passed, ends_at=passed + timedelta(hours=1)
        )

        second = counter.book(citizen, make_slot(slot.site, days=3))

        assert second != first
        assert Booking.objects.get(pk=first).state == BookingState.NO_SHOW

    def test_the_same_form_again_is_the_same_booking(self, slot) -> None:
        counter, citizen, key = Counter(), patient(), uuid.uuid4()
        assert counter.book(citizen, slot, key=key) == counter.book(citizen, slot, key=key)
        slot.refresh_from_db()
        assert slot.booked == 1

    def test_the_same_key_with_other_data_is_refused(self, slot) -> None:
        counter, citizen = Counter(), patient()
        request = Request(slot=slot.pk, phone="0912345678", key=uuid.uuid4())
        counter.send(citizen, request)
        with pytest.raises(KeyReused):
            counter.send(citizen, replace(request, phone="0987654321"))

    def test_a_refusal_uses_up_no_key(self, slot) -> None:
        counter, citizen, key = Counter(), patient(), uuid.uuid4()
        Slot.objects.update(closed=True)
        with pytest.raises(SlotClosed):
            counter.book(citizen, slot, key=key)
        Slot.objects.update(closed=False)
        assert counter.book(citizen, slot, key=key)

    def test_the_database_itself_never_oversells(self, slot) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Slot.objects.update(booked=3)

    def test_other_institutions_do_not_see_it(self, slot) -> None:
        booking = Counter().book(patient(), slot)
        elsewhere = Actor(institution=make_institution().pk)
        assert not Booking.objects.visible_to(elsewhere).filter(pk=booking).exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Real transactions in real threads; a loser gets a refusal, never a wrong number."""

    def run(self, calls: list[Callable[[], Any]]) -> list[Any]:
        def one(call: Callable[[], Any]) -> Any:
            try:
                return call()
            except Refusal as refusal:
                return refusal
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(one, calls))

    def test_many_for_the_last_places(self) -> None:
        slot = make_slot(make_site(make_campaign()), capacity=5)
        counter = Counter()
        people = [patient() for _ in range(24)]
        answers = self.run([lambda who=who: counter.book(who, slot) for who in people])
        slot.refresh_from_db()
        refused = [answer for answer in answers if isinstance(answer, Refusal)]
        assert slot.booked == Booking.objects.live().count() == 5
        assert len(refused) == 19
        assert {type(refusal) for refusal in refused} == {SlotFull}

    def test_one_person_at_two_counters(self) -> None:
        site = make_site(make_campaign())
        slots = [make_slot(site, days=day) for day in (1, 2)]
        citizen, counters = patient(), [Counter(), Counter()]
        answers = self.run(
            [
                lambda c=counter, s=slot: c.book(citizen, s)
                for counter, slot in zip(counters, slots, strict=True)
            ]
        )
        assert Booking.objects.live().filter(patient=citizen).count() == 1
        assert sum(slot.booked for slot in Slot.objects.all()) == 1
        assert [type(a) for a in answers if isinstance(a, Refusal)] == [AlreadyBooked]

    def test_a_double_click(self) -> None:
        slot = make_slot(make_site(make_campaign()))
        counter, citizen, key = Counter(), patient(), uuid.uuid4()
        answers = self.run([lambda: counter.book(citizen, slot, key=key) for _ in range(20)])
        slot.refresh_from_db()
        assert len(set(answers)) == 1
        assert slot.booked == Booking.objects.count() == 1
