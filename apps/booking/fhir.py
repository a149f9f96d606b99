"""Sites, slots and bookings over FHIR R4: Schedule, Slot, Appointment.

Slots of published campaigns are what every counter offers, so every entitled institution reads
them; appointments only the institution that booked them or where they are (docs/reference/fhir.md).
TW Core IG 1.0.0 has no profile for these three.
"""

from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.audit.actors import Actor
from apps.booking.models import Booking, Campaign, Site, Slot
from apps.booking.terms import BookingState
from apps.core.fhir import searching, words
from apps.core.fhir.resources import Resource
from apps.core.fhir.words import Json
from apps.identities.fhir import patient_parameters
from apps.workstations.fhir import ReadsForInstitution

APPOINTMENT_STATES = {
    BookingState.BOOKED: "booked",
    BookingState.ARRIVED: "arrived",
    BookingState.VACCINATED: "fulfilled",
    BookingState.NO_SHOW: "noshow",
    BookingState.CANCELLED: "cancelled",
    BookingState.CALLED_OFF: "cancelled",
}
SLOT_STATES = {
    "free": Q(closed=False, booked__lt=F("capacity")),
    "busy": Q(closed=False, booked__gte=F("capacity")),
    "busy-unavailable": Q(closed=True),
}
PLACES = "slot-places"


def _vaccine(campaign: Campaign) -> Json:
    vaccine = campaign.vaccine
    return words.concept(
        vaccine.label, words.coding(words.system("vaccine"), vaccine.code, vaccine.label)
    )


def _open_sites(by: Actor) -> Q:
    return Q(active=True, campaign__published=True) | Q(institution_id=by.institution)


def _slot_rows(by: Actor) -> QuerySet[Slot]:
    sites = Site.objects.filter(_open_sites(by))
    return Slot.objects.filter(site__in=sites).select_related("site__campaign__vaccine")


def _write_slot(slot: Slot) -> Json:
    return {
        "resourceType": "Slot",
        "id": str(slot.pk),
        "extension": [
            {
                "url": words.system(PLACES),
                "extension": [
                    {"url": "capacity", "valueInteger": slot.capacity},
                    {"url": "left", "valueInteger": slot.left},
                ],
            }
        ],
        "serviceType": [_vaccine(slot.site.campaign)],
        "schedule": words.reference("Schedule", slot.site_id),
        "status": _slot_state(slot),
        "start": words.instant(slot.begins_at),
        "end": words.instant(slot.ends_at),
    }


def _slot_state(slot: Slot) -> str:
    if slot.closed:
        return "busy-unavailable"
    return "free" if slot.left > 0 else "busy"


def _narrow_state(text: str) -> Q:
    code = text.rpartition("|")[2]
    if code not in SLOT_STATES:
        raise ValueError("an unknown state")
    return SLOT_STATES[code]


SLOT = Resource(
    kind="Slot",
    about="Stretches of time at the sites of published campaigns, and at one's own.",
    rows=_slot_rows,
    write=_write_slot,
    order=("begins_at", "id"),
    policy=ReadsForInstitution(),
    parameters=(
        searching.row_id(),
        searching.moment("start", "When it begins", "begins_at"),
        searching.Parameter("status", "token", "free, busy, busy-unavailable", _narrow_state),
        searching.reference_to("schedule", "The site", "Schedule", "site_id"),
        searching.token("service-type", "Vaccine code", "site__campaign__vaccine_id"),
    ),
)


def _site_rows(by: Actor) -> QuerySet[Site]:
    sites = Site.objects.filter(_open_sites(by))
    return sites.select_related("institution", "campaign__vaccine")


def _write_schedule(site: Site) -> Json:
    campaign, place = site.campaign, site.institution
    return {
        "resourceType": "Schedule",
        "id": str(site.pk),
        "active": site.active and campaign.published,
        "serviceType": [_vaccine(campaign)],
        "actor": [words.institution_reference(place.code, site.label, kind="Location")],
        "planningHorizon": {
            "start": words.instant(campaign.books_from),
            "end": words.instant(campaign.books_until),
        },
        "comment": str(campaign),
    }


SCHEDULE = Resource(
    kind="Schedule",
    about="Vaccination sites of published campaigns, and one's own: one brand at one institution.",
    rows=_site_rows,
    write=_write_schedule,
    order=("institution__code", "id"),
    policy=ReadsForInstitution(),
    parameters=(
        searching.row_id(),
        searching.token("actor.identifier", "Institution code", "institution__code"),
        searching.token("service-type", "Vaccine code", "campaign__vaccine_id"),
    ),
)


def _booking_rows(by: Actor) -> QuerySet[Booking]:
    """Two short lists put together, because one condition over both would read every booking."""
    booked_here = Booking.objects.visible_to(by).values("pk")
    comes_here = Booking.objects.at_sites_of(by).values("pk")
    return Booking.objects.filter(pk__in=booked_here.union(comes_here)).select_related(
        "slot__site__institution", "campaign__vaccine"
    )


def _write_appointment(booking: Booking) -> Json:
    slot, campaign = booking.slot, booking.campaign
    place = slot.site.institution
    appointment: Json = {
        "resourceType": "Appointment",
        "id": str(booking.pk),
        "meta": words.meta(changed_at=booking.changed_at or booking.booked_at),
        "identifier": [{"system": words.system("booking"), "value": booking.full_number}],
        "status": APPOINTMENT_STATES[BookingState(booking.state)],
        "serviceType": [_vaccine(campaign)],
        "start": words.instant(slot.begins_at),
        "end": words.instant(slot.ends_at),
        "slot": [words.reference("Slot", slot.pk)],
        "created": words.instant(booking.booked_at),
        "participant": [
            _participant(words.patient_reference(booking.patient_id, booking.name)),
            _participant(words.institution_reference(place.code, slot.site.label, kind="Location")),
        ],
    }
    if booking.state == BookingState.CALLED_OFF:
        appointment["cancelationReason"] = words.concept(
            booking.get_state_display(),
            words.coding(
                "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", "prov"
            ),
        )
    return appointment


def _participant(actor: Json) -> Json:
    return {"actor": actor, "status": "accepted"}


def _states(code: str) -> tuple[str, ...]:
    return tuple(state.value for state, name in APPOINTMENT_STATES.items() if name == code)


def _narrow_number(text: str) -> Q:
    digits = text.rpartition("|")[2].rpartition("-")[2]
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise ValueError("not a booking number")
    return Q(number=int(digits))


def _patient_of(booking: Any) -> UUID:
    return booking.patient_id


APPOINTMENT = Resource(
    kind="Appointment",
    about="Bookings that the institution made, or that are for its sites.",
    rows=_booking_rows,
    write=_write_appointment,
    order=("slot__begins_at", "id"),
    policy=ReadsForInstitution(),
    patient_of=_patient_of,
    parameters=(
        searching.row_id(),
        searching.moment("date", "When it begins", "slot__begins_at"),
        searching.token(
            "status",
            "booked, arrived, fulfilled, noshow, cancelled",
            "state",
            {code: _states(code) for code in APPOINTMENT_STATES.values()},
        ),
        searching.reference_to("slot", "The slot", "Slot", "slot_id"),
        searching.Parameter("identifier", "token", "Booking number", _narrow_number),
        *patient_parameters(),
    ),
)
