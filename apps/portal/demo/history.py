"""A year of made-up accesses for the demo's auditor: who looked at 王大明 in March, and why?

The log takes nothing that is dated back (audit.append stamps the moment). So this is put in as the
log's owner, once, before anything is sealed; what follows is real.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from psycopg import Connection, sql

from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.events import Event, event
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.portal.demo.people import CITIZENS, PEOPLE

DAYS = 365
_SPACE = UUID("5a3c7d0e-7d7b-4f0e-9c1f-3f1f5d0c1a11")

_PARTS = (
    *("recorded_at", "action", "outcome", "actor", "role", "institution", "session", "card_kind"),
    *("card_proof_at", "ip", "service", "patient", "result_count", "request_id"),
)
_TEXTS = (
    *("reason", "card_serial", "object_type", "object_id", "purpose", "consent"),
    *("consent_reference", "policy_version"),
)
_PUT = f"""
    INSERT INTO audit.event (xid, shard, schema_version, salt, detail, {", ".join((*_PARTS, *_TEXTS))})
    SELECT pg_current_xact_id(), (SELECT number FROM audit.shard), 1, uuid_send(gen_random_uuid()),
        coalesce(detail, '{{}}'), {", ".join(_PARTS)}, {", ".join(f"coalesce({each}, '')" for each in _TEXTS)}
    FROM jsonb_populate_recordset(NULL::audit.event, %s::jsonb) ORDER BY recorded_at
"""


@dataclass(frozen=True)
class Desk:
    """Somebody at work: who, where, with which card."""

    person: UUID
    institution: UUID
    serial: str

    def actor(self, at: datetime) -> Actor:
        day = f"{at:%Y%m%d}"
        return Actor(
            person=self.person,
            role="STAFF",
            institution=self.institution,
            session=uuid5(_SPACE, f"session {self.person} {day}"),
            card_kind="HPC",
            card_serial=self.serial,
            card_proof_at=at - timedelta(minutes=3),
            ip="192.0.2.17",
            request_id=uuid5(_SPACE, f"request {self.person} {at.isoformat()}"),
        )


def load_history(connection: Connection) -> int:
    """How many events were put in; 0 when there is a history or a seal. `connection` is the owner's."""
    there = connection.execute(
        "SELECT FROM audit.checkpoint UNION ALL "
        "SELECT FROM audit.event WHERE recorded_at < now() - interval '2 days' LIMIT 1"
    ).fetchone()
    if there is not None:  # a row without columns is an empty tuple
        return 0
    told = [_dated(at, each) for at, each in sorted(_year(clock.today()), key=lambda pair: pair[0])]
    with connection.transaction():
        for month in sorted({each["recorded_at"][:7] for each in told}):
            _make_month(connection, date.fromisoformat(f"{month}-01"))
        connection.execute(_PUT, [json.dumps(told)])
    return len(told)


Told = tuple[datetime, Event]


def _year(today: date) -> Iterator[Told]:
    """The same year each time but for the day on which it ends."""
    dice = random.Random(20)  # noqa: S311  # a story, no secret
    desks, patients = _desks(), _patients()
    for ago in range(DAYS, 0, -1):
        day = today - timedelta(days=ago)
        for _ in range(dice.randint(2, 4) if day.weekday() < 5 else 1):
            at = _at(day, dice.randint(9, 16), dice.randint(0, 59), dice.randint(0, 59))
            story = dice.choice(
                (_booking, _booking, _records, _records, _travel, _refused, _urgent)
            )
            yield from story(desks, dice.choice(patients), at)
        if dice.random() < 0.04:
            late = _at(day, 23, dice.randint(0, 59))
            yield from _curious(desks, dice.choice(patients), late)
    yield from _march(today, desks, patients[0])


def _march(today: date, desks: dict[str, Desk], patient: UUID) -> Iterator[Told]:
    """What happened to 王大明 in the last March: three good reasons, and one look that has none."""
    year = today.year if today >= date(today.year, 4, 1) else today.year - 1
    yield from _records(desks, patient, _at(date(year, 3, 12), 10, 20))
    yield from _booking(desks, patient, _at(date(year, 3, 18), 15, 5))
    yield from _curious(desks, patient, _at(date(year, 3, 20), 23, 41))
    yield from _urgent(desks, patient, _at(date(year, 3, 26), 2, 10))


def _booking(desks: dict[str, Desk], patient: UUID, at: datetime) -> Iterator[Told]:
    yield from _steps(
        desks["hpc-chen"],
        patient,
        at,
        *((0, Action.READ_CARD), (4, Action.CHECK_ELIGIBILITY), (52, Action.BOOK_SLOT)),
        service="VBK",
    )


def _records(desks: dict[str, Desk], patient: UUID, at: datetime) -> Iterator[Told]:
    steps = ((0, Action.READ_CARD), (9, Action.QUERY_RECORDS), (70, Action.PRINT_RECORDS))
    yield from _steps(desks["hpc-chen"], patient, at, *steps, service="HIQS")


def _travel(desks: dict[str, Desk], patient: UUID, at: datetime) -> Iterator[Told]:
    yield from _steps(desks["hpc-chen"], patient, at, (0, Action.QUERY_RECORDS), service="TCH")


def _urgent(desks: dict[str, Desk], patient: UUID, at: datetime) -> Iterator[Told]:
    steps = ((0, Action.STEP_UP), (5, Action.QUERY_RECORDS), (40, Action.QUERY_RECORDS))
    yield from _steps(desks["hpc-liao"], patient, at, *steps, service="IMQ", purpose="TRIAGE_2")


def _refused(desks: dict[str, Desk], patient: UUID, at: datetime) -> Iterator[Told]:
    yield from _steps(
        desks["hpc-chang"],
        None,
        at,
        (0, Action.READ_CARD),
        service="VBK",
        outcome=Outcome.REFUSED,
        reason="not_granted",
        detail={"code": "ANK-403"},
    )


def _curious(desks: dict[str, Desk], patient: UUID, at: datetime) -> Iterator[Told]:
    """At night, without the patient's card, from another institution: what the review queue is for."""
    yield from _steps(desks["hpc-hsu"], patient, at, (0, Action.SHOW_BOOKING), service="VBK")


def _steps(
    desk: Desk, patient: UUID | None, at: datetime, *steps: tuple[int, Action], **more: Any
) -> Iterator[Told]:
    for seconds, action in steps:
        moment = at + timedelta(seconds=seconds)
        yield moment, event(action, by=desk.actor(moment), patient=patient, **more)


def _dated(at: datetime, each: Event) -> dict[str, Any]:
    return {**each, "recorded_at": at.isoformat()}


def _desks() -> dict[str, Desk]:
    places = dict(Institution.objects.values_list("code", "pk"))
    wanted = {"hpc-chen", "hpc-chang", "hpc-liao", "hpc-hsu"}
    return {
        each.card_id: Desk(
            _person(each.national_id), places[each.institution], f"DEMO-{each.card_id[4:].upper()}"
        )
        for each in PEOPLE
        if each.card_id in wanted
    }


def _person(number: str) -> UUID:
    return Person.objects.get(identity_id=_identity(number)).pk


def _patients() -> list[UUID]:
    return [_identity(each.national_id) for each in CITIZENS[:11]]


def _identity(number: str) -> UUID:
    return identify(kind=IdentifierKind.NATIONAL_ID, value=number)


def _at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    """In UTC, as the log writes it."""
    local = timezone.make_aware(datetime.combine(day, time(hour, minute, second)))
    return local.astimezone(timezone.get_fixed_timezone(0))


def _make_month(connection: Connection, month: date) -> None:
    """As audit.ensure_partitions makes those ahead."""
    name = f"event_{month:%Y_%m}"
    if connection.execute("SELECT to_regclass(%s)", [f"audit.{name}"]).fetchone() != (None,):
        return
    after = (month + timedelta(days=31)).replace(day=1)
    table = sql.Identifier("audit", name)
    connection.execute(
        sql.SQL("CREATE TABLE {} PARTITION OF audit.event FOR VALUES FROM ({}) TO ({})").format(
            table, sql.Literal(f"{month} 00:00+00"), sql.Literal(f"{after} 00:00+00")
        )
    )
    connection.execute(
        sql.SQL(
            "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {} FOR EACH STATEMENT "
            "EXECUTE FUNCTION audit.refuse_change()"
        ).format(table)
    )
    connection.execute(sql.SQL("ALTER TABLE {} OWNER TO ankang_audit").format(table))
