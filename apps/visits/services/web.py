"""Visit identifiers without a card: exceptional visits (例外就醫) and cards left at home (manual 4)."""

import json
import secrets
import uuid
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.audit.actors import Actor
from apps.audit.services import record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.identities.numbers import InvalidNumber
from apps.identities.sealing import seal
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.visits.events import visit_event
from apps.visits.identifiers import ALPHABET, make_identifier
from apps.visits.models import RandomNumber, Visit
from apps.visits.moments import roc_year
from apps.visits.refusals import AlreadyTakenBack, FieldInvalid
from apps.visits.services.numbers import Place, note_visit

VERSION = "0001"  # how the number is signed; its first four characters
RANDOM = 16
GOOD_FOR = timedelta(hours=8)  # shared reference, section 3.3: signature valid 8 hours
AHEAD = timedelta(minutes=5)  # clocks differ
# Ours: how long after a visit its identifier may be asked for.
BACK = timedelta(days=10)


def draw_random_number(*, workstation: UUID) -> RandomNumber:
    """A new number for this workstation, good for eight hours; expired ones are removed."""
    now = clock.now()
    RandomNumber.objects.filter(workstation_id=workstation, expires_at__lt=now).delete()
    drawn = VERSION + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return RandomNumber.objects.create(
        number=drawn, workstation_id=workstation, expires_at=now + GOOD_FOR
    )


def get_treat_number(
    *, national_id: str, birth_date: str, visited_at: datetime, place: Place, by: Actor
) -> str:
    """The identifier of this person's visit at this moment; the same again is the same.

    Raises FieldInvalid for a number that is none, and for a moment that lies ahead, too far back,
    or at which the person was elsewhere; AlreadyTakenBack where that visit was taken back.
    """
    _check_moment(visited_at)
    try:
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
    except InvalidNumber as error:
        raise FieldInvalid(detail={"fields": {"sPatid": [error.code]}}) from error
    with transaction.atomic():
        visit = _visit(patient, visited_at) or _made(patient, birth_date, visited_at, place)
        if visit.institution_id != place.institution:
            raise FieldInvalid(detail={"fields": {"sVisitdt": ["elsewhere"]}})
        if visit.taken_back_at is not None:
            raise AlreadyTakenBack(reason="identifier_of_a_visit_taken_back")
        record_change(visit_event(Action.FIND_VISIT_IDENTIFIER, visit, function="web", by=by))
    return visit.identifier


def _check_moment(visited_at: datetime) -> None:
    now = clock.now()
    if not now - BACK <= visited_at <= now + AHEAD:
        raise FieldInvalid(detail={"fields": {"sVisitdt": ["M11"]}})


def _visit(patient: UUID, visited_at: datetime) -> Visit | None:
    return Visit.objects.filter(patient_id=patient, visited_at=visited_at).first()


def _made(patient: UUID, birth_date: str, visited_at: datetime, place: Place) -> Visit:
    visit = Visit(
        id=uuid.uuid4(),
        patient_id=patient,
        institution_id=place.institution,
        workstation_id=place.workstation,
        module_code=place.module_code,
        visited_at=visited_at,
        year=roc_year(visited_at),
        counted=False,
        without_card=True,
        identifier=make_identifier(clock.day_of(visited_at)),
        request=uuid.uuid4(),
    )
    body = {"card_number": "", "birth_date": birth_date}
    visit.key_id, visit.sealed = seal(
        json.dumps(body).encode(), bound_to=b"visit:" + visit.pk.bytes
    )
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
            note_visit(patient=patient, visited_at=visited_at)
    except IntegrityError:
        earlier = _visit(patient, visited_at)  # somebody was faster
        assert earlier is not None
        return earlier
    return visit
