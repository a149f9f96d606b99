"""A storm on booking.

Many clients at once, each doing what comes to its mind, and the checker that looks at what they
left behind (issue 5).
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from apps.access.policies import Decision, decide
from apps.audit.actors import Actor
from apps.booking.models import Booking, Offer, Slot
from apps.booking.policies import facts_about
from apps.booking.services import (
    Change,
    Request,
    book_slot,
    cancel_booking,
    change_booking,
    change_slot,
)
from apps.booking.terms import HOLDING, LIVE, OfferState
from apps.core.errors import Refusal
from apps.core.models import OutboxMessage
from apps.identities.models import Identity
from tests.support.booking import READING, make_campaign, make_site, make_slot
from tests.support.world import Pharmacy

PHONES = ("0912345678", "0987654321", "0922333444")


@dataclass(frozen=True)
class Desk:
    """One institution that books."""

    by: Actor
    decision: Decision


def open_desk() -> Desk:
    world = Pharmacy()
    session = world.session()
    actor = Actor(
        person=world.pharmacist.pk,
        role="STAFF",
        institution=world.institution.pk,
        session=session.id,
    )
    return Desk(actor, decide(session=session.id, service="VBK"))


@dataclass(frozen=True)
class Acknowledged:
    """What somebody was told is so: this booking, at this revision, has this place and phone."""

    booking: uuid.UUID
    revision: int
    slot: uuid.UUID
    phone: str
    live: bool


@dataclass
class Storm:
    """`clients` threads with `deeds` each on one slot of `hot` places and `slots` of two."""

    clients: int
    deeds: int
    slots: int
    people: int
    seed: int
    hot: int = 5
    kill: bool = False
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    pids: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lock = Lock()
        self.counters = [open_desk(), open_desk()]
        site = make_site(make_campaign())
        self.places = [make_slot(site, days=1, capacity=self.hot)]
        self.places += [
            make_slot(site, days=2 + n // 12, hour=8 + n % 12, capacity=2)
            for n in range(self.slots)
        ]
        self.patients = [Identity.objects.create().pk for _ in range(self.people)]
        self.known: list[uuid.UUID] = []

    def blow(self) -> None:
        """Runs every client to its end. A fault that is no refusal and no killed connection ends the test."""
        with ThreadPoolExecutor(self.clients) as pool:
            for done in [pool.submit(self._client, number) for number in range(self.clients)]:
                done.result()

    def _client(self, number: int) -> None:
        chance = random.Random(f"{self.seed}/{number}")
        moods: list[tuple[Callable[[random.Random], None], int]] = [
            (self._book, 5),
            (self._book_twice, 2),
            (self._change, 5),
            (self._cancel, 2),
            (self._turn_capacity, 1),
            (self._kill, 1 if self.kill else 0),
        ]
        deeds, weights = zip(*moods, strict=True)
        try:
            for deed in chance.choices(deeds, weights, k=self.deeds):
                self._try(deed, chance)
        finally:
            connection.close()

    def _try(self, deed: Callable[[random.Random], None], chance: random.Random) -> None:
        try:
            connection.ensure_connection()
            with self.lock:
                self.pids.add(connection.connection.info.backend_pid)
            deed(chance)
        except Refusal as refusal:
            with self.lock:
                self.refusals[refusal.code] += 1
        except (OperationalError, InterfaceError):
            if not self.kill:
                raise
            with self.lock:
                self.broken += 1
            connection.close()

    def _request(self, chance: random.Random) -> Request:
        slot = self.places[0] if chance.random() < 0.3 else chance.choice(self.places)
        return Request(slot=slot.pk, phone=chance.choice(PHONES), key=uuid.uuid4())

    def _send(self, chance: random.Random, patient: uuid.UUID, request: Request) -> uuid.UUID:
        counter = chance.choice(self.counters)
        (facts,) = facts_about(patient=patient, birth_date=READING.birth_date)
        made = book_slot(
            facts=facts,
            patient=patient,
            reading=READING,
            request=request,
            decision=counter.decision,
            by=counter.by,
        )
        with self.lock:
            self.known.append(made)
        return made

    def _book(self, chance: random.Random) -> None:
        request = self._request(chance)
        made = self._send(chance, chance.choice(self.patients), request)
        self._note(Acknowledged(made, 1, request.slot, request.phone, live=True))

    def _book_twice(self, chance: random.Random) -> None:
        """The same form again, and then the same key with another body."""
        patient, request = chance.choice(self.patients), self._request(chance)
        again = random.Random(chance.random())
        state = again.getstate()
        answers = []
        for _ in range(2):
            again.setstate(state)  # the same counter
            answers.append(self._send(again, patient, request))
        assert len(set(answers)) == 1
        again.setstate(state)
        other = Request(slot=request.slot, phone="0900000000", key=request.key)
        self._send(again, patient, other)
        raise AssertionError("one key with two bodies was taken")

    def _change(self, chance: random.Random) -> None:
        booking = self._pick(chance)
        if booking is None:
            return
        slot, phone = chance.choice(self.places).pk, chance.choice(PHONES)
        change = Change(slot=slot, phone=phone, key=uuid.uuid4(), revision=booking.revision)
        counter = chance.choice(self.counters)
        for _ in range(chance.choice((1, 2))):
            held = change_booking(
                booking=booking.pk, change=change, decision=counter.decision, by=counter.by
            )
            # A repeat tells what the booking is now; somebody may have cancelled in between.
            live = held.state in LIVE
            self._note(Acknowledged(held.pk, held.revision, held.slot_id, held.phone, live))

    def _cancel(self, chance: random.Random) -> None:
        booking = self._pick(chance)
        if booking is None:
            return
        counter = chance.choice(self.counters)
        held = cancel_booking(
            booking=booking.pk,
            revision=booking.revision,
            decision=counter.decision,
            by=counter.by,
        )
        self._note(Acknowledged(held.pk, held.revision, held.slot_id, held.phone, live=False))

    def _turn_capacity(self, chance: random.Random) -> None:
        slot = Slot.objects.select_related("site").get(pk=chance.choice(self.places).pk)
        counter = chance.choice(self.counters)
        change_slot(
            slot=slot,
            capacity=chance.choice((0, 1, 2, self.hot)),
            closed=False,
            decision=counter.decision,
            by=counter.by,
        )

    def _kill(self, chance: random.Random) -> None:
        """Ends the connection of some other client in the middle of whatever it does."""
        with self.lock:
            others = sorted(self.pids - {connection.connection.info.backend_pid})
        if others:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [chance.choice(others)])

    def _pick(self, chance: random.Random) -> Booking | None:
        with self.lock:
            known = list(self.known)
        return Booking.objects.get(pk=chance.choice(known)) if known else None

    def _note(self, told: Acknowledged) -> None:
        with self.lock:
            self.acknowledged.append(told)


def complaints(acknowledged: list[Acknowledged], events: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the bookings in the database; nothing when all is well."""
    bookings = {booking.pk: booking for booking in Booking.objects.all()}
    return [
        *_about_slots(list(bookings.values())),
        *_about_people(list(bookings.values())),
        *_about_answers(bookings, acknowledged),
        *_about_traces(list(bookings.values()), events),
    ]


def _about_slots(bookings: list[Booking]) -> list[str]:
    held = Counter(booking.slot_id for booking in bookings if booking.state in HOLDING)
    held.update(Offer.objects.filter(state=OfferState.OPEN).values_list("slot_id", flat=True))
    found = []
    for slot in Slot.objects.all():
        if held[slot.pk] > slot.capacity:
            found.append(f"oversold: {held[slot.pk]} of {slot.capacity}")
        if held[slot.pk] != slot.booked:
            found.append(f"counter says {slot.booked}, rows are {held[slot.pk]}")
    return found


def _about_people(bookings: list[Booking]) -> list[str]:
    live = Counter(
        (booking.patient_id, booking.campaign_id) for booking in bookings if booking.state in LIVE
    )
    return [f"{count} live bookings of one person" for count in live.values() if count > 1]


def _about_answers(
    bookings: dict[uuid.UUID, Booking], acknowledged: list[Acknowledged]
) -> list[str]:
    found = []
    for told in acknowledged:
        booking = bookings.get(told.booking)
        if booking is None or booking.revision < told.revision:
            found.append(f"acknowledged and gone: {told}")
        elif booking.revision == told.revision:
            live = booking.state in LIVE
            if (booking.slot_id, booking.phone, live) != (told.slot, told.phone, told.live):
                found.append(f"not as acknowledged: {told}")
    return found


def _about_traces(bookings: list[Booking], events: list[dict[str, Any]]) -> list[str]:
    """One event and one outbox row for each thing done, none for what was not."""
    done = Counter(
        (event["object_id"], event["action"])
        for event in events
        if event["outcome"] == "permitted" and event["object_type"] == "booking"
    )
    told = Counter((row.payload["booking"], row.topic) for row in OutboxMessage.objects.all())
    found = []
    for booking in bookings:
        pk = str(booking.pk)
        later = done[pk, "change_booking"] + done[pk, "cancel_booking"]
        messages = told[pk, "booking_changed"] + told[pk, "booking_cancelled"]
        if (done[pk, "book_slot"], later) != (1, booking.revision - 1):
            found.append(f"events of {pk} do not match revision {booking.revision}")
        if (told[pk, "booking_made"], messages) != (1, booking.revision - 1):
            found.append(f"outbox of {pk} does not match revision {booking.revision}")
    known = {str(booking.pk) for booking in bookings}
    found += [f"event of no booking: {pk}" for pk, _ in done if pk not in known]
    return found
