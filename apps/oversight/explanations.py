"""Why a look at a patient may have been right: what else happened around it.

Flags of rules are noisy: in one study simple reasons explained 16 to 43 per cent of them
(PMC5977720). So whoever reviews sees what was found, beside what was not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.audit.models import Event
from apps.audit.terms import Action, Outcome
from apps.booking.models import Booking
from apps.booking.patterns import day_span
from apps.core import clock

CARD_NEARBY = timedelta(minutes=30)


@dataclass(frozen=True)
class Explanation:
    """`kind` names it for programs; `text` is a sentence."""

    kind: str
    text: str


def explain(event: Event) -> list[Explanation]:
    """What was found for a look at a patient; nothing for other events."""
    if event.patient is None or event.institution is None:
        return []
    found = (find(event) for find in FINDERS)
    return [each for each in found if each]


def find_card(event: Event, within: timedelta = CARD_NEARBY) -> datetime | None:
    """When the patient's card was last read at the same institution, at most this long before."""
    reads = Event.objects.filter(
        patient=event.patient,
        action=Action.READ_CARD,
        outcome=Outcome.PERMITTED,
        institution=event.institution,
        recorded_at__lte=event.recorded_at,
        recorded_at__gte=event.recorded_at - within,
    )
    return reads.newest_first().values_list("recorded_at", flat=True).first()


def _card(event: Event) -> Explanation | None:
    read_at = find_card(event)
    if read_at is None:
        return None
    minutes = int((event.recorded_at - read_at).total_seconds() // 60)
    text = _("The patient's NHI card was read here {minutes} minutes before.")
    return Explanation("card_read", text.format(minutes=minutes))


def _booking(event: Event) -> Explanation | None:
    """A booking for that day at this institution, or one that it made that day."""
    begins_at, ends_at = day_span(clock.day_of(event.recorded_at))
    here = Booking.objects.filter(patient=event.patient, institution=event.institution)
    made = here.filter(booked_at__gte=begins_at, booked_at__lt=ends_at)
    expected = Booking.objects.filter(
        patient=event.patient,
        slot__site__institution=event.institution,
        slot__begins_at__gte=begins_at,
        slot__begins_at__lt=ends_at,
    )
    if expected.exists():
        return Explanation("booking", _("The patient was booked here for that day."))
    if made.exists():
        return Explanation("booked_here", _("The institution booked for the patient that day."))
    return None


def _consent(event: Event) -> Explanation | None:
    if not event.consent_reference:
        return None
    text = _("There is evidence of a consent: {reference}")
    return Explanation("consent", text.format(reference=event.consent_reference))


def _session_card(event: Event) -> Explanation | None:
    """The person's own card, shown anew shortly before."""
    if event.card_proof_at is None or event.recorded_at - event.card_proof_at > CARD_NEARBY:
        return None
    moment = f"{timezone.localtime(event.card_proof_at):%H:%M:%S}"
    return Explanation(
        "own_card", _("The person's own card was proven at {moment}.").format(moment=moment)
    )


FINDERS: list[Callable[[Event], Explanation | None]] = [_card, _booking, _consent, _session_card]
