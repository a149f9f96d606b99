"""Booking a slot.

Never oversold, never two live bookings, the same form twice is one booking (DESIGN section 6).
"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.events import Event
from apps.audit.services import as_json, event
from apps.audit.terms import Action
from apps.booking.models import Booking, Campaign, Slot
from apps.booking.patterns import day_span
from apps.booking.policies import Facts, Verdict, judge, judge_person
from apps.booking.services.places import TAKE_PLACE, refuse_place
from apps.booking.services.refusals import AlreadyBooked, KeyReused, NotEligible
from apps.booking.terms import LIVE, BookingState, Rule, Topic
from apps.cards.readings import NhiReading
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.core.statements import single_statement
from apps.identities.masking import mask_national_id


@dataclass(frozen=True)
class Request:
    """What the form asks for. `key` is the form's own, made when it was shown."""

    slot: UUID
    phone: str
    key: UUID

    def digest(self, patient: UUID) -> str:
        body = json.dumps([str(self.slot), self.phone, str(patient)])
        return hashlib.sha256(body.encode()).hexdigest()


def choose_campaign(facts: list[Facts], wanted: str = "") -> tuple[Facts | None, Verdict]:
    """The campaign whose code is `wanted`, or the first one that admits this person.

    Else the first one's refusal; a live booking comes before both, and so does a waiting list.
    """
    now = clock.now()
    verdicts = [(each, judge(each, at=now)) for each in facts]
    for each, verdict in verdicts:
        if wanted and each.campaign.code == wanted:
            return each, verdict
    for each, verdict in verdicts:
        if each.live_booking:
            return each, verdict
    for each, verdict in verdicts:
        if each.waiting:
            return each, verdict
    for each, verdict in verdicts:
        if verdict.eligible:
            return each, verdict
    return verdicts[0] if verdicts else (None, Verdict(Rule.WINDOW))


def campaigns_of(facts: list[Facts]) -> list[Facts]:
    """Where this person has a booking, waits, or may book; asked where there are several."""
    if len(facts) < 2:
        return []
    now = clock.now()
    return [
        each for each in facts if each.live_booking or each.waiting or judge(each, at=now).eligible
    ]


def book_slot(
    *,
    facts: Facts,
    patient: UUID,
    reading: NhiReading,
    request: Request,
    walk_in: bool = False,
    action: Action = Action.BOOK_SLOT,
    decision: Decision,
    by: Actor,
) -> UUID:
    """Books the slot for the person of `reading` and returns the booking's id.

    Somebody who walked in has arrived already, may take a slot of today that has begun, and need
    not keep to the booking period (C9). Raises NotEligible, SlotFull, SlotClosed, AlreadyBooked or
    KeyReused; a refusal uses up neither place nor key.
    """
    verdict = (judge_person if walk_in else judge)(facts, at=clock.now())
    if not verdict.eligible:
        raise NotEligible(verdict)
    logged = _event(facts.campaign, patient, request, action, decision, by)
    values = _values(facts.campaign, patient, reading, request, by) | {"event": as_json(logged)}
    if walk_in:
        values |= {"state": BookingState.ARRIVED, "after": day_span(clock.today())[0]}
    try:
        made = _insert(values)
    except IntegrityError:
        # Somebody was faster: this very form (a double click), or another booking of the same
        # person.
        return _same_form(request, patient, by=by) or _after_conflict(values)
    if made is None:
        # The very form that took the last place is no refusal either.
        made = _same_form(request, patient, by=by)
    if made is None:
        refuse_place(request.slot, facts.campaign.pk, after=values["after"])
    return made


def _event(
    campaign: Campaign,
    patient: UUID,
    request: Request,
    action: Action,
    decision: Decision,
    by: Actor,
) -> Event:
    return event(
        action,
        by=by,
        service=decision.service,
        patient=patient,
        object_type="booking",
        entitlement_id=decision.entitlement_id,
        grant_id=decision.grant_id,
        detail={"slot": str(request.slot), "campaign": campaign.code},
    )


def _values(
    campaign: Campaign, patient: UUID, reading: NhiReading, request: Request, by: Actor
) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "campaign": campaign.pk,
        "slot": request.slot,
        "patient": patient,
        "name": reading.name,
        "masked_id": mask_national_id(reading.national_id),
        "phone": request.phone,
        "state": BookingState.BOOKED,
        "by": by.person,
        "institution": by.institution,
        "now": clock.now(),
        "after": clock.now(),
        "key": request.key,
        "digest": request.digest(patient),
        "outbox": uuid.uuid4(),
    }


# Place, booking, outbox row and access event in one statement: all or nothing, in one round trip.
# The event's function is called in the SELECT list because PostgreSQL skips a CTE that nothing
# refers to unless it writes.
_BOOK = f"""
    WITH place AS (
        {TAKE_PLACE}
    ), made AS (
        INSERT INTO {Booking._meta.db_table} (id, campaign_id, slot_id, patient_id, name, masked_id,
            phone, state, revision, booked_by_id, institution_id, booked_at, key, digest)
        SELECT %(id)s, %(campaign)s, place.id, %(patient)s, %(name)s, %(masked_id)s,
            %(phone)s, %(state)s, 1, %(by)s, %(institution)s, %(now)s, %(key)s, %(digest)s
        FROM place
        RETURNING id
    ), told AS (
        INSERT INTO {OutboxMessage._meta.db_table} (id, topic, payload, created_at, attempts)
        SELECT %(outbox)s, '{Topic.BOOKING_MADE}', jsonb_build_object('booking', made.id), %(now)s, 0
        FROM made
    )
    SELECT made.id, audit.append(%(event)s::jsonb || jsonb_build_object('object_id', made.id))
    FROM made
"""


# A place whose time has passed without the person counts as free, like every no-show's.
_CLOSE_PASSED = f"""
    WITH passed AS (
        UPDATE {Booking._meta.db_table} booking
        SET state = '{BookingState.NO_SHOW}', revision = revision + 1, changed_at = %(now)s
        FROM {Slot._meta.db_table} slot
        WHERE slot.id = booking.slot_id AND slot.ends_at < %(now)s AND booking.state = ANY(%(live)s)
          AND booking.patient_id = %(patient)s AND booking.campaign_id = %(campaign)s
        RETURNING booking.slot_id
    )
    UPDATE {Slot._meta.db_table} slot SET booked = slot.booked - 1
    FROM passed WHERE slot.id = passed.slot_id
"""


def _insert(values: dict[str, Any]) -> UUID | None:
    with single_statement(), connection.cursor() as cursor:
        cursor.execute(_BOOK, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _same_form(request: Request, patient: UUID, *, by: Actor) -> UUID | None:
    """The booking that this key already made; another content under the same key is refused."""
    earlier = Booking.objects.filter(booked_by=by.person, key=request.key).first()
    if earlier is None:
        return None
    if earlier.digest != request.digest(patient):
        raise KeyReused(reason="idempotency_key_reused")
    return earlier.pk


def _after_conflict(values: dict[str, Any]) -> UUID:
    """Closes the person's own booking whose time has passed, and tries once more."""
    with single_statement(), connection.cursor() as cursor:
        cursor.execute(_CLOSE_PASSED, values | {"live": list(LIVE)})
        closed = cursor.rowcount
    if not closed:
        raise AlreadyBooked(reason="one_live_booking_per_campaign")
    try:
        made = _insert(values)
    except IntegrityError as error:
        raise AlreadyBooked(reason="one_live_booking_per_campaign") from error
    if made is None:
        refuse_place(values["slot"], values["campaign"], after=values["after"])
    return made
