"""Visit numbers: one after the other for a person and year, whoever asks at the same time.

The row of the insured person is locked first; it holds the count. A refusal or a broken connection
rolls everything back, so there is neither a gap nor a number twice.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.audit.actors import Actor
from apps.audit.services import APPEND, as_json, record
from apps.audit.terms import Action
from apps.core import clock
from apps.visits import policies
from apps.visits.cards import PresentedCard
from apps.visits.events import visit_event
from apps.visits.identifiers import make_identifier
from apps.visits.models import InsuranceStatus, Visit
from apps.visits.moments import roc_year, write_moment
from apps.visits.refusals import AlreadyTakenBack, FieldInvalid, NoIdentifier
from apps.visits.signatures import sign_visit
from apps.visits.terms import COUNTED_ITEMS

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Place:
    """Where the visit is: the institution and the workstation, with the codes that stand in buffers."""

    institution: UUID
    institution_code: str
    workstation: UUID
    module_code: str


@dataclass(frozen=True)
class Wish:
    """What a HIS asks for. `request` is the call's own: the same again is the same visit."""

    treat_item: str
    newborn: bool
    make_up: bool
    request: UUID

    @property
    def counted(self) -> bool:
        return self.treat_item in COUNTED_ITEMS


def open_visit(*, card: PresentedCard, wish: Wish, place: Place, function: str, by: Actor) -> Visit:
    """The visit with number, signature and identifier (APIs 1.37 and 1.53).

    Raises what `policies` has for the card and the insurance, in the manual's order, and
    AlreadyTakenBack for a request whose visit was taken back since.
    """
    with transaction.atomic():
        status = locked_status(card.patient)
        earlier = _visits_since_yesterday(status)
        for visit in earlier:
            if (visit.workstation_id, visit.request) == (place.workstation, wish.request):
                if visit.taken_back_at is not None:
                    raise AlreadyTakenBack(reason="request_of_a_visit_taken_back")
                return visit
        facts = _facts(card, status, wish)
        policies.check_card(facts)
        policies.check_insurance(facts)
        assert status is not None
        visit = _next_visit(card, status, wish, place, earlier)
        logged = visit_event(Action.OPEN_VISIT, visit, function=function, by=by)
        _store(visit, status, as_json(logged))
    return visit


def find_visit_identifier(
    *, card: PresentedCard, visited_at: datetime, place: Place, function: str, by: Actor
) -> str:
    """The identifier of a visit that got its number here (API 1.56). Raises NoIdentifier."""
    visit = (
        Visit.objects.standing()
        .at_institution(place.institution)
        .filter(patient_id=card.patient, visited_at=visited_at)
        .first()
    )
    if visit is None:
        raise NoIdentifier(reason="visit_unknown_here")
    record(visit_event(Action.FIND_VISIT_IDENTIFIER, visit, function=function, by=by))
    return visit.identifier


def locked_status(patient: UUID) -> InsuranceStatus | None:
    """The row of the insured person, which every deed with a visit locks first."""
    return InsuranceStatus.objects.select_for_update().filter(patient_id=patient).first()


def _visits_since_yesterday(status: InsuranceStatus | None) -> list[Visit]:
    """Read after the lock, so that it sees what the one before us did. Most people come once a day:
    the row says whether there is anything to read.
    """
    yesterday = clock.now() - timedelta(days=1)
    if status is None or status.last_visited_at is None or status.last_visited_at < yesterday:
        return []
    return list(Visit.objects.filter(patient_id=status.patient_id, visited_at__gte=yesterday))


def note_visit(*, patient: UUID, visited_at: datetime) -> None:
    """There was a visit without a card; a number of the same day looks for it then."""
    seen = min(visited_at, clock.now())
    InsuranceStatus.objects.filter(patient_id=patient).filter(
        Q(last_visited_at=None) | Q(last_visited_at__lt=seen)
    ).update(last_visited_at=seen)


def _facts(card: PresentedCard, status: InsuranceStatus | None, wish: Wish) -> policies.Facts:
    return policies.Facts(
        status=status,
        today=clock.today(),
        born_on=card.born_on,
        cancelled=card.cancelled,
        newborn=wish.newborn,
        counted=wish.counted,
    )


def _next_visit(
    card: PresentedCard,
    status: InsuranceStatus,
    wish: Wish,
    place: Place,
    earlier: list[Visit],
) -> Visit:
    moment = _free_second({visit.visited_at for visit in earlier}, status.last_visited_at)
    day, year = clock.day_of(moment), roc_year(moment)
    number = status.number_in(year) + (1 if wish.counted else 0)
    visit = Visit(
        id=uuid.uuid4(),
        patient_id=card.patient,
        institution_id=place.institution,
        workstation_id=place.workstation,
        module_code=place.module_code,
        treat_item=wish.treat_item,
        newborn=wish.newborn,
        newborn_born_on=status.newborn_born_on if wish.newborn else None,
        newborn_mark=status.newborn_mark if wish.newborn else "",
        visited_at=moment,
        make_up=wish.make_up,
        year=year,
        sequence=_written(number),
        counted=wish.counted,
        same_day=any(
            (each.institution_id, each.visited_on) == (place.institution, day)
            for each in earlier
            if each.taken_back_at is None
        ),
        identifier=make_identifier(day),
        request=wish.request,
        opened_at=clock.now(),
    )
    visit.key_id, visit.sealed = card.sealed_for(visit.pk)
    visit.signature = sign_visit(
        patient=card.signed_part,
        visited_at=write_moment(moment),
        sequence=visit.sequence,
        institution=place.institution_code,
        module=place.module_code,
        same_day="Y" if visit.same_day else "N",
        treat_item=wish.treat_item,
        identifier=visit.identifier,
    )
    return visit


def _written(number: int) -> str:
    if number > 9999:
        raise FieldInvalid(reason="numbers_of_the_year_used_up")
    return f"{number:04d}"


def _free_second(taken: set[datetime], last: datetime | None) -> datetime:
    """This second, or the first one after it in which this person has no visit yet."""
    moment = clock.now().replace(microsecond=0)
    if last is not None:
        moment = max(moment, last + ONE_SECOND)
    while moment in taken:
        moment += ONE_SECOND
    return moment


_FIELDS = {str(field.column): field.attname for field in Visit._meta.concrete_fields}

# Count, visit and access event in one statement. The event's function is called in the SELECT list
# because PostgreSQL skips a CTE that nothing refers to unless it writes.
_STORE = f"""
    WITH counted AS (
        UPDATE {InsuranceStatus._meta.db_table}
        SET visits_left = visits_left - %(cost)s, number_year = %(year)s,
            last_number = %(number)s, last_visited_at = %(visited_at)s
        WHERE id = %(status)s
    ), made AS (
        INSERT INTO {Visit._meta.db_table} ({", ".join(_FIELDS)})
        VALUES ({", ".join(f"%({column})s" for column in _FIELDS)})
        RETURNING id
    )
    SELECT made.id, {APPEND.replace("%s", "%(event)s")} FROM made
"""


def _store(visit: Visit, status: InsuranceStatus, logged: str) -> None:
    values = {column: getattr(visit, name) for column, name in _FIELDS.items()}
    more = {
        "cost": 1 if visit.counted else 0,
        "number": int(visit.sequence),
        "status": status.pk,
        "event": logged,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values | more)
