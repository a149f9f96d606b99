"""Why a look at a patient may have been right: what else happened around it.

Flags of rules are noisy: in one study simple reasons explained 16 to 43 per cent of them
(PMC5977720). So whoever reviews sees what was found, beside what was not.

A finder takes all events of a page and asks the database once, however many they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.models import Event
from apps.audit.terms import Action, Outcome
from apps.booking.models import Booking
from apps.core import clock
from apps.visits.models import Visit

CARD_NEARBY = timedelta(minutes=30)


@dataclass(frozen=True)
class Explanation:
    """`kind` names it for programs; `text` is a sentence."""

    kind: str
    text: str


Found = dict[int, Explanation]  # by the number of the event


def explain(event: Event) -> list[Explanation]:
    """What was found for a look at a patient; nothing for other events."""
    return explain_all([event]).get(event.id, [])


def explain_all(events: Sequence[Event]) -> dict[int, list[Explanation]]:
    """The same for a page of events, in one statement for each kind of explanation."""
    asked = [event for event in events if event.patient and event.institution]
    if not asked:
        return {}
    found = [find(asked) for find in FINDERS]
    return {
        event.id: [each[event.id] for each in found if event.id in each]
        for event in asked
        if any(event.id in each for each in found)
    }


def find_cards(events: Sequence[Event]) -> Found:
    """The patient's card was read at the same institution shortly before."""
    moments = [event.recorded_at for event in events]
    reads = Event.objects.filter(
        patient__in=_patients(events),
        action=Action.READ_CARD,
        outcome=Outcome.PERMITTED,
        recorded_at__gte=min(moments) - CARD_NEARBY,
        recorded_at__lte=max(moments),
    ).order_by("recorded_at")
    rows = list(reads.values_list("patient", "institution", "recorded_at"))
    text = _("The patient's NHI card was read here {minutes} minutes before.")
    just_now = _("The patient's NHI card had just been read here.")
    found: Found = {}
    for event in events:
        ages = [
            event.recorded_at - read_at
            for patient, place, read_at in rows
            if (patient, place) == (event.patient, event.institution)
            and timedelta() <= event.recorded_at - read_at <= CARD_NEARBY
        ]
        if ages:
            minutes = int(min(ages).total_seconds() // 60)
            said = text.format(minutes=minutes) if minutes else just_now
            found[event.id] = Explanation("card_read", said)
    return found


def find_bookings(events: Sequence[Event]) -> Found:
    """A booking for that day at this institution, or one that it made that day."""
    bookings = Booking.objects.filter(patient__in=_patients(events)).values_list(
        "patient", "institution", "booked_at", "slot__site__institution", "slot__begins_at"
    )
    made: set[_Day] = set()
    expected: set[_Day] = set()
    for patient, maker, booked_at, site, begins_at in bookings:
        made.add((patient, maker, clock.day_of(booked_at)))
        expected.add((patient, site, clock.day_of(begins_at)))
    for_that_day = Explanation("booking", _("The patient was booked here for that day."))
    that_day = Explanation("booked_here", _("The institution booked for the patient that day."))
    found = {event.id: that_day for event in events if _day(event) in made}
    return found | {event.id: for_that_day for event in events if _day(event) in expected}


def find_visits(events: Sequence[Event]) -> Found:
    """A visit of that day at this institution: a HIS took a visit number for the patient there."""
    days = [clock.day_of(event.recorded_at) for event in events]
    visits = Visit.objects.filter(
        patient__in=_patients(events),
        visited_at__gte=clock.start_of(min(days)),
        visited_at__lt=clock.start_of(max(days) + timedelta(days=1)),
    ).values_list("patient", "institution", "visited_at")
    seen = {(patient, place, clock.day_of(moment)) for patient, place, moment in visits}
    visit = Explanation("visit", _("The patient had a visit here that day."))
    return {event.id: visit for event in events if _day(event) in seen}


def find_consents(events: Sequence[Event]) -> Found:
    text = _("There is evidence of a consent: {reference}")
    return {
        event.id: Explanation("consent", text.format(reference=event.consent_reference))
        for event in events
        if event.consent_reference
    }


def find_own_cards(events: Sequence[Event]) -> Found:
    """The person's own card, shown anew shortly before."""
    text = _("The person's own card was proven at {moment}.")
    found: Found = {}
    for event in events:
        if event.card_proof_at and event.recorded_at - event.card_proof_at <= CARD_NEARBY:
            moment = f"{timezone.localtime(event.card_proof_at):%H:%M:%S}"
            found[event.id] = Explanation("own_card", text.format(moment=moment))
    return found


_Day = tuple[UUID | None, UUID | None, date]  # patient, institution, day in Taiwan
FINDERS: list[Callable[[Sequence[Event]], Found]] = [
    find_cards,
    find_visits,
    find_bookings,
    find_consents,
    find_own_cards,
]


def _day(event: Event) -> _Day:
    return event.patient, event.institution, clock.day_of(event.recorded_at)


def _patients(events: Sequence[Event]) -> set[UUID | None]:
    return {event.patient for event in events}
