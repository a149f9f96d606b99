"""Asking in an emergency, closing the alert, and what the patient said."""

from uuid import UUID

from django.db import transaction

from apps.audit.actors import Actor
from apps.cards.models import Reading
from apps.core import clock
from apps.emergency.models import ConsentStatement, EmergencyCase
from apps.emergency.terms import SERVICE, Purpose
from apps.queries.models import Query
from apps.queries.patients import Patient
from apps.queries.services import give_consent, open_query
from apps.queries.terms import Consent


def ask_in_emergency(
    *, patient: Patient, purpose: Purpose, reading: Reading | None = None, by: Actor
) -> Query:
    """A new query with its purpose. Nothing is shown yet.

    Raises OtherCard when `reading` is of somebody else than `patient`, and TooManyPatients.
    """
    with transaction.atomic():
        query = open_query(
            service=SERVICE, patient=patient, purpose=purpose.value, reading=reading, by=by
        )
        EmergencyCase.objects.create(query=query)
    return query


def note_alert_shown(*, query: UUID) -> None:
    EmergencyCase.objects.filter(query=query, alert_shown_at=None).update(
        alert_shown_at=clock.now()
    )


def close_alert(*, query: UUID) -> bool:
    """Opens the way to the tabs; False while the alert was not shown."""
    closed = EmergencyCase.objects.filter(query=query).exclude(alert_shown_at=None)
    return bool(closed.update(alert_closed_at=clock.now()))


def record_consent(*, query: Query, choice: Consent, reference: str, by: Actor) -> None:
    """Keeps what the patient said, or why nobody could ask: statement and event, both or neither.

    Urgent without consent is recorded under the reason `break_glass` (FEATURES F7). Raises
    ConsentIncomplete.
    """
    with transaction.atomic():
        give_consent(query=query, consent=choice, reference=reference, by=by)
        ConsentStatement.objects.update_or_create(
            query_id=query.pk,
            defaults={
                "patient_id": query.patient_id,
                "person_id": by.a_person,
                "institution_id": by.institution,
                "choice": choice,
                "reference": query.consent_reference,
            },
        )
