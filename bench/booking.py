"""How many complete bookings the web serves, beside the same three writes in pgbench, in one run.

    make bench BENCH=booking

Prints `ratio_to_pgbench=<number>` (HTTP bookings a second over pgbench transactions a second, 8
clients, same PostgreSQL) and the CPU milliseconds of one booking. Each booking is the real form
post: session, decide(), reading, eligibility, one statement.
"""

import os
import tempfile
import uuid
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 (Django first)
from django.db import connection  # noqa: E402

from apps.accounts.sessions import SessionStore  # noqa: E402
from bench import booking_world as world  # noqa: E402
from bench.client import Load, send  # noqa: E402
from bench.servers import (  # noqa: E402
    cpu_seconds,
    origin_host,
    pgbench,
    postgres_processes,
    web_server,
)

CLIENTS = 8
SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PEOPLE = int(1200 * SECONDS)  # more than can be booked in the time
CSRF = "c" * 32

# The three writes of a booking as three statements, as a plain application would send them.
TRIPS = """
\\set slot random(1, {slots})
\\set person random(1, {people})
BEGIN;
UPDATE booking_slot SET booked = booked + 1 WHERE id = bench_uuid(1, :slot) AND booked < capacity;
INSERT INTO booking_booking (id, campaign_id, slot_id, patient_id, name, masked_id, phone, state,
    revision, booked_by_id, institution_id, booked_at, key, digest)
  VALUES (gen_random_uuid(), '{campaign}', bench_uuid(1, :slot), bench_uuid(9, :person), '王大明',
    'C121****09', '0912345678', 'BOOKED', 1, '{pharmacist}', '{institution}', now(),
    gen_random_uuid(), '') ON CONFLICT DO NOTHING;
SELECT audit.append('{event}'::jsonb);
COMMIT;
"""


def main() -> None:
    place = world.build(people=PEOPLE, rounds=ROUNDS)
    key = _log_in(place)
    ratios, costs = [], []
    with tempfile.TemporaryDirectory() as folder, web_server(Path(folder)) as web:
        for number in range(ROUNDS):
            tps = pgbench(_trips(place), Path(folder), clients=CLIENTS, seconds=SECONDS)
            world.empty_bookings()
            load, cost = _http(place, key, number, web)
            world.check(load.statuses[303])
            world.empty_bookings()
            ratios.append(load.rate(303) / tps)
            costs.append(cost)
            print(
                f"round {number + 1}: {load.rate(303):.0f} HTTP bookings/s, {tps:.0f} pgbench/s, "
                f"ratio {ratios[-1]:.3f}, {cost:.2f} CPU-ms"
            )
    print(f"cpu_ms_per_booking={sorted(costs)[len(costs) // 2]:.2f}")
    print(f"ratio_to_pgbench={sorted(ratios)[len(ratios) // 2]:.3f}")


def _http(place: world.World, key: str, number: int, web: object) -> tuple[Load, float]:
    requests = [_request(place, key, number, person) for person in range(1, PEOPLE + 1)]
    processes = [web, *web.children(), *postgres_processes()]  # type: ignore[attr-defined]
    before = cpu_seconds(processes)
    load = send(requests, clients=CLIENTS, seconds=SECONDS)
    spent = cpu_seconds(processes) - before
    if set(load.statuses) != {303}:
        raise SystemExit(f"not every form was booked: {dict(load.statuses)}")
    return load, spent / load.statuses[303] * 1000


def _log_in(place: world.World) -> str:
    store = SessionStore()
    store.open(**place.session_columns)
    world.bind_readings(store.record.id)
    return str(store.session_key)


def _trips(place: world.World) -> str:
    return TRIPS.format(
        slots=world.SLOTS,
        people=PEOPLE * 100,
        campaign=place.campaign,
        pharmacist=place.pharmacist,
        institution=place.institution,
        event=place.event,
    )


def _request(place: world.World, key: str, number: int, person: int) -> bytes:
    slot = world.bench_uuid(1, person % world.SLOTS + 1)
    body = urlencode(
        {
            "csrfmiddlewaretoken": CSRF,
            "phone": "0912345678",
            "city": "臺北市",
            "district": "105",
            "site": str(place.site),
            "date": place.day,
            "slot": str(slot),
            "consent": "on",
            "offered": f"臺北市|105|{place.site}|{place.day}",
            "key": str(uuid.uuid4()),
        }
    ).encode()
    reading = world.bench_uuid(2, number * PEOPLE + person)
    cookies = f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    head = (
        f"POST /booking/{reading}/ HTTP/1.1\r\nHost: {origin_host()}\r\nCookie: {cookies}\r\n"
        f"Origin: {settings.ORIGIN}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
    connection.close()
