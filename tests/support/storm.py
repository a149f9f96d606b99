"""A storm on booking.

Many clients at once, each doing what comes to its mind (issue 5); `storm_checker` looks at what they
left behind.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock

from django.db import InterfaceError, OperationalError, connection, transaction

from apps.access.policies import Decision, decide
from apps.audit.actors import Actor
from apps.booking.models import Booking, Offer, Slot, WaitingEntry
from apps.booking.policies import facts_about
from apps.booking.services import (
    AlreadyBooked,
    Change,
    Hope,
    KeyReused,
    Request,
    SlotFull,
    accept_offer,
    book_slot,
    cancel_booking,
    change_booking,
    change_slot,
    decline_offer,
    join_waiting_list,
    leave_waiting_list,
    relieve_slot,
)
from apps.booking.services.offers import offer_places
from apps.booking.services.queue import close_entries, expire_offers
from apps.booking.terms import LIVE, OfferState
from apps.core import clock
from apps.core.errors import Refusal
from apps.identities.models import Identity
from tests.support.booking import READING, make_campaign, make_site, make_slot
from tests.support.storm_checker import Acknowledged
from tests.support.world import Pharmacy, in_days

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


@dataclass
class Storm:
    """`clients` threads with `deeds` each on one slot of `hot` places and `slots` of two.

    Whatever the numbers, some things happen for certain: what each client does first, and `settle`.
    """

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
        # Two places for each client, where no deed of another one leads.
        self.quiet = make_slot(site, days=61, hour=7, capacity=2 * self.clients)
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
            (self._relieve, 1),
            (self._join, 3),
            (self._answer, 3),
            (self._leave, 1),
            (self._let_expire, 2),
            (self._keep_lists, 1),
            (self._kill, 1 if self.kill else 0),
        ]
        deeds, weights = zip(*moods, strict=True)
        begins = [self._repeat, self._die] if self.kill else [self._repeat]
        try:
            for deed in [*begins, *chance.choices(deeds, weights, k=self.deeds)]:
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
        """A booking that others may change from now on."""
        made = self._post(chance, patient, request)
        with self.lock:
            self.known.append(made)
        return made

    def _post(self, chance: random.Random, patient: uuid.UUID, request: Request) -> uuid.UUID:
        counter = chance.choice(self.counters)
        (facts,) = facts_about(patient=patient, birth_date=READING.birth_date)
        return book_slot(
            facts=facts,
            patient=patient,
            reading=READING,
            request=request,
            decision=counter.decision,
            by=counter.by,
        )

    def _book(self, chance: random.Random) -> None:
        request = self._request(chance)
        made = self._send(chance, chance.choice(self.patients), request)
        self._note(Acknowledged(made, 1, request.slot, request.phone, live=True))

    def _book_twice(self, chance: random.Random) -> None:
        """The same form again, and then the same key with another body.

        By somebody new: of those who booked or wait already hardly anybody comes as far as the third form.
        """
        patient, request = Identity.objects.create().pk, self._request(chance)
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

    def _repeat(self, chance: random.Random) -> None:
        """One form three times on a place that nobody else wants; then another form, and another body."""
        patient = Identity.objects.create().pk
        request = Request(slot=self.quiet.pk, phone=PHONES[0], key=uuid.uuid4())
        desk = random.Random(self.seed)
        state = desk.getstate()
        answers = set()
        for _ in range(3):
            desk.setstate(state)  # the same counter
            answers.add(self._post(desk, patient, request))
        assert len(answers) == 1
        self._note(Acknowledged(*answers, 1, request.slot, request.phone, live=True))
        for other, expected in (
            (replace(request, key=uuid.uuid4()), AlreadyBooked),
            (replace(request, phone="0900000000"), KeyReused),
        ):
            desk.setstate(state)
            try:
                self._post(desk, patient, other)
            except expected as refusal:
                with self.lock:
                    self.refusals[refusal.code] += 1
            else:
                raise AssertionError(f"taken: {expected.code} was to be said")

    def _die(self, chance: random.Random) -> None:
        """The connection ends after everything was written, before the commit."""
        patient = Identity.objects.create().pk
        request = Request(slot=self.quiet.pk, phone=PHONES[0], key=uuid.uuid4())
        with transaction.atomic():
            self._post(chance, patient, request)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def settle(self) -> None:
        """When all is quiet: the hot slot fills up, somebody waits for it, and gets what is added."""
        chance, hot = random.Random(self.seed), self.places[0]
        for _ in range(self.hot + 1):
            request = Request(slot=hot.pk, phone=PHONES[0], key=uuid.uuid4())
            try:
                self._send(chance, Identity.objects.create().pk, request)
            except SlotFull as refusal:
                self.refusals[refusal.code] += 1
                break
        else:
            raise AssertionError("more places than there are")
        self._wait(chance, Identity.objects.create().pk, hot.day, hot.day)
        slot = Slot.objects.select_related("site").get(pk=hot.pk)
        desk = chance.choice(self.counters)
        change_slot(
            slot=slot,
            capacity=slot.booked + 1,
            closed=False,
            decision=desk.decision,
            by=desk.by,
        )

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

    def _relieve(self, chance: random.Random) -> None:
        """The site moves somebody to another slot, or calls them off, and takes the place away."""
        booking = self._pick(chance)
        if booking is None:
            return
        slot = Slot.objects.select_related("site").get(pk=booking.slot_id)
        to = chance.choice([None, *(place.pk for place in self.places if place.pk != slot.pk)])
        counter = chance.choice(self.counters)
        relieve_slot(
            slot=slot, people=[booking.pk], to=to, decision=counter.decision, by=counter.by
        )

    def _join(self, chance: random.Random) -> None:
        # Mostly for the day of the hot slot, which is full: there the offers are fought for.
        first, last = (
            (in_days(1), in_days(1)) if chance.random() < 0.7 else (in_days(2), in_days(60))
        )
        self._wait(chance, chance.choice(self.patients), first, last)

    def _wait(self, chance: random.Random, patient: uuid.UUID, first: date, last: date) -> None:
        counter = chance.choice(self.counters)
        (facts,) = facts_about(patient=patient, birth_date=READING.birth_date)
        join_waiting_list(
            facts=facts,
            patient=patient,
            reading=READING,
            hope=Hope(
                self.places[0].site_id,
                chance.choice(PHONES),
                first,
                last,
                anywhere=chance.random() < 0.3,
            ),
            decision=counter.decision,
            by=counter.by,
        )

    def _answer(self, chance: random.Random) -> None:
        offers = list(Offer.objects.filter(state=OfferState.OPEN).select_related("entry"))
        if not offers:
            return
        offer, counter = chance.choice(offers), chance.choice(self.counters)
        patient = offer.entry.patient_id
        asked = {"offer": offer.pk, "patient": patient, "decision": counter.decision}
        if chance.random() < 0.3:
            decline_offer(**asked, by=counter.by)
            return
        (facts,) = facts_about(patient=patient, birth_date=READING.birth_date)
        made = accept_offer(**asked, facts=facts, by=counter.by)
        with self.lock:
            self.known.append(made.pk)
        live = made.state in LIVE  # accepted before, it tells what the booking is now
        self._note(Acknowledged(made.pk, made.revision, made.slot_id, made.phone, live))

    def _leave(self, chance: random.Random) -> None:
        entries = list(WaitingEntry.objects.on_list())
        if entries:
            entry, counter = chance.choice(entries), chance.choice(self.counters)
            leave_waiting_list(
                entry=entry.pk,
                patient=entry.patient_id,
                decision=counter.decision,
                by=counter.by,
            )

    def _let_expire(self, chance: random.Random) -> None:
        offers = list(Offer.objects.filter(state=OfferState.OPEN).values_list("pk", flat=True))
        if offers:
            Offer.objects.filter(pk=chance.choice(offers)).update(expires_at=clock.now())
        expire_offers()

    def _keep_lists(self, chance: random.Random) -> None:
        close_entries()
        offer_places()

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
