"""The page of a person's vaccination records, from a table of 10 million rows beside one of 100,000.

    make bench BENCH=records
    BENCH_ROWS=10000000 make bench BENCH=records    # the full size

Prints `ratio_big_to_small=<number>`: milliseconds of the page (session, decision, query, records,
event, template) of one person out of the big table over those out of the small one, in turns in one
run. Both tables have the product's columns and indexes and stand in schemas of their own; the
connection's search path says which the page reads. By default the big one has a million rows.
"""

import os
import random
import statistics
import time
from datetime import timedelta
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402 (Django first)
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from psycopg.conninfo import conninfo_to_dict  # noqa: E402

from apps.access.models import Entitlement, Grant, Membership  # noqa: E402
from apps.access.services import open_grant  # noqa: E402
from apps.access.terms import EntitlementSource, GrantSource, MembershipRole  # noqa: E402
from apps.accounts.models import Person, Session  # noqa: E402
from apps.accounts.sessions import SessionStore  # noqa: E402
from apps.accounts.terms import CardKind, SessionRole  # noqa: E402
from apps.audit.actors import Actor  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.identities.models import Identity  # noqa: E402
from apps.immunizations.models import VaccinationRecord  # noqa: E402
from apps.institutions.models import Institution  # noqa: E402
from apps.queries.models import Query  # noqa: E402
from apps.workstations.models import Workstation  # noqa: E402
from config.environment import read  # noqa: E402

SMALL, BIG = 100_000, int(os.environ.get("BENCH_ROWS", "1000000"))
EACH = 10  # records of one person
PEOPLE = 150  # whose pages are opened, of each table
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "12"))
TABLE = VaccinationRecord._meta.db_table
SCHEMAS = {SMALL: "bench_small", BIG: "bench_big"}
CODE = "5999999997"

_ID = "('{kind}0000000-0000-4000-8000-' || lpad(({number})::text, 12, '0'))::uuid"


def main() -> None:
    database = conninfo_to_dict(read("DATABASE_URL"))["dbname"]
    with psycopg.connect(read("DATABASE_ADMIN_URL"), dbname=database, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # fills in any order
        empty(admin)
        begun = time.perf_counter()
        build(admin)
        print(f"rows={BIG} beside {SMALL}, built in {time.perf_counter() - begun:.0f} s")
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        try:  # names of style sheets without their checksums: collectstatic did not run here
            with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
                compare(Desk())
        finally:
            empty(admin)


def build(admin: psycopg.Connection) -> None:
    """Each person's rows lie scattered over the table, as years of imports leave them.

    The indexes are the product's own, made after the rows, which takes a tenth of the time.
    """
    indexes = [
        definition
        for (definition,) in admin.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s",
            [TABLE],
        )
    ]
    admin.execute("SET maintenance_work_mem = '512MB'")
    for rows, schema in SCHEMAS.items():
        table, people = f"{schema}.{TABLE}", rows // EACH
        admin.execute(f"CREATE SCHEMA {schema}")
        admin.execute(f"CREATE UNLOGGED TABLE {table} (LIKE public.{TABLE} INCLUDING DEFAULTS)")
        admin.execute(
            f"""INSERT INTO {table} (id, patient_id, vaccine_id, brand, dose_number, given_on,
                    institution_code, lot, source)
                SELECT gen_random_uuid(), {_ID.format(kind="b", number=f"n % {people}")},
                    CASE WHEN n / {people} < 2 THEN 'FLU' ELSE 'HEPB' END, 'AZ',
                    1 + n / {people}, DATE '2026-01-01' - (n / {people})::int * 200,
                    '{CODE}', 'L-' || n % 997, 'NIIS'
                FROM generate_series(0::bigint, {rows - 1}) n"""
        )
        for definition in indexes:
            admin.execute(definition.replace(f"public.{TABLE}", table))
        admin.execute(f"VACUUM ANALYZE {table}")
        admin.execute(f"GRANT USAGE ON SCHEMA {schema} TO PUBLIC")
        admin.execute(f"GRANT SELECT ON {table} TO PUBLIC")


class Desk:
    """A browser of one pharmacist with a query about each person of the sample."""

    def __init__(self) -> None:
        place = Institution.objects.create(
            code=CODE, name="量測藥局", kind="PHARMACY", district_id="105"
        )
        person = Person.objects.create(identity=Identity.objects.create(), name="量測藥師")
        workstation = Workstation.objects.create(
            institution=place, module_code=f"{7:012d}", public_key="7" * 43
        )
        Membership.objects.create(person=person, institution=place, role=MembershipRole.USER)
        entitlement = Entitlement.objects.create(
            institution=place, service_id="HIQS", source=EntitlementSource.OPERATOR
        )
        by = Actor.system("bench")
        open_grant(person=person, entitlement=entitlement, source=GrantSource.OPERATOR, by=by)
        store = SessionStore()
        now = clock.now()
        session = store.open(
            person=person,
            role=SessionRole.STAFF,
            institution_id=place.pk,
            institution_code=place.code,
            institution_name=place.name,
            workstation_id=workstation.pk,
            card_kind=CardKind.HPC,
            card_issuer="bench",
            card_serial="bench",
            profession="D",
            card_proof_at=now,
        )
        self.browser = Client(SERVER_NAME="localhost")
        self.browser.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
        self.pages = {rows: self._ask(rows, session, person, place) for rows in (SMALL, BIG)}

    def _ask(self, rows: int, session: Session, person: Person, place: Institution) -> list[str]:
        numbers = random.Random(rows).sample(range(rows // EACH), PEOPLE)
        patients = [UUID(f"b0000000-0000-4000-8000-{number:012d}") for number in numbers]
        Identity.objects.bulk_create(
            [Identity(pk=each) for each in patients], ignore_conflicts=True
        )
        now = clock.now()
        queries = Query.objects.bulk_create(
            Query(
                service_id="HIQS",
                patient_id=each,
                masked_number="A123****89",
                session_id=session.id,
                person=person,
                institution=place,
                proved_at=now,
                expires_at=now + timedelta(hours=6),
            )
            for each in patients
        )
        return [f"/immunizations/{query.pk}/other/" for query in queries]

    def look_at(self, rows: int) -> None:
        """From now on the page reads the table of this size."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {SCHEMAS[rows]}, public")


def compare(desk: Desk) -> None:
    """The best of ROUNDS for each person, the median of all people; the sizes take turns."""
    best = {rows: dict.fromkeys(pages, float("inf")) for rows, pages in desk.pages.items()}
    for _round in range(ROUNDS):
        for rows, pages in desk.pages.items():
            desk.look_at(rows)
            desk.browser.get(pages[0])  # plans of the other table are forgotten
            for page in pages:
                begun = time.perf_counter()
                answer = desk.browser.get(page)
                took = time.perf_counter() - begun
                best[rows][page] = min(best[rows][page], took)
                assert answer.content.count(b"<tr>") == 1 + EACH - 2, answer.content
    small, big = (statistics.median(best[rows].values()) * 1000 for rows in (SMALL, BIG))
    print(f"small_ms={small:.3f} big_ms={big:.3f}")
    print(f"ratio_big_to_small={big / small:.3f}")


def empty(admin: psycopg.Connection) -> None:
    """Away with the rows of this run, or of one that was cut off."""
    for schema in SCHEMAS.values():
        admin.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    places = "(SELECT id FROM institutions_institution WHERE code = %s)"
    people = f"(SELECT person_id FROM access_membership WHERE institution_id IN {places})"
    for model, where in (
        (Query, f"institution_id IN {places}"),
        (Grant, f"user_id IN {people}"),
        (Session, f"person_id IN {people}"),
        (Entitlement, f"institution_id IN {places}"),
        (Workstation, f"institution_id IN {places}"),
        (Person, f"id IN {people}"),
        (Membership, f"institution_id IN {places}"),
        (Institution, "code = %s"),
    ):
        admin.execute(f"DELETE FROM {model._meta.db_table} WHERE {where}", [CODE])
    admin.execute("DELETE FROM identities_identity WHERE id::text LIKE 'b0000000-0000-4000%'")


if __name__ == "__main__":
    main()
