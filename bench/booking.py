"""How many complete bookings the web serves, beside the same three writes in pgbench, in one run.

    make bench BENCH=booking

Prints `ratio_to_pgbench=<number>` (HTTP bookings a second over pgbench transactions a second, 8
clients, same PostgreSQL), the CPU milliseconds of one booking, `ratio_hot_to_spread=<number>`
(everybody wants the same slot) and `ratio_refusals_to_bookings=<number>` (the slot is full). Each
request is the real form post: session with its decision, reading with eligibility, one statement.
"""

import os
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import django
import psutil

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
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
PEOPLE = int(2000 * SECONDS)  # more than can be booked in the time
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


@dataclass
class Round:
    """What was measured one after the other: a second, but for the CPU milliseconds of one booking."""

    pgbench: float
    spread: float
    hot: float
    refused: float
    cost: float

    def __str__(self) -> str:
        return (
            f"{self.spread:.0f} HTTP bookings/s, {self.pgbench:.0f} pgbench/s, "
            f"ratio {self.spread / self.pgbench:.3f}, {self.cost:.2f} CPU-ms, "
            f"hot {self.hot:.0f}/s, refusals {self.refused:.0f}/s"
        )


def main() -> None:
    place = world.build(people=PEOPLE)
    key = _log_in(place)
    rounds = []
    with tempfile.TemporaryDirectory() as folder, web_server(Path(folder)) as web:
        for number in range(ROUNDS):
            rounds.append(_measure(place, key, web, Path(folder)))
            print(f"round {number + 1}: {rounds[-1]}")
    print(f"cpu_ms_per_booking={median(each.cost for each in rounds):.2f}")
    print(f"ratio_to_pgbench={median(each.spread / each.pgbench for each in rounds):.3f}")
    print(f"ratio_hot_to_spread={median(each.hot / each.spread for each in rounds):.3f}")
    print(f"ratio_refusals_to_bookings={median(each.refused / each.spread for each in rounds):.3f}")


def _measure(place: world.World, key: str, web: psutil.Process, tmp: Path) -> Round:
    tps = pgbench(_trips(place), tmp, clients=CLIENTS, seconds=SECONDS)
    world.empty_bookings()
    # What is compared stands side by side: the machine's own speed drifts by more than the goals differ.
    hot, _cost = _book(place, key, web, slots=1)
    spread, cost = _book(place, key, web, slots=world.SLOTS)
    refused = _send(place, key, web, lambda _person: world.FULL_SLOT)
    if set(refused.statuses) != {409}:
        raise SystemExit(f"not every form was refused: {dict(refused.statuses)}")
    return Round(tps, spread.rate(303), hot.rate(303), refused.rate(409), cost)


def _book(place: world.World, key: str, web: psutil.Process, *, slots: int) -> tuple[Load, float]:
    """Everybody books, spread over so many slots; also the CPU milliseconds of one booking."""
    processes = [web, *web.children(), *postgres_processes()]
    before = cpu_seconds(processes)
    load = _send(place, key, web, lambda person: person % slots + 1)
    spent = cpu_seconds(processes) - before
    if set(load.statuses) != {303}:
        raise SystemExit(f"not every form was booked: {dict(load.statuses)}")
    world.check(load.statuses[303])
    world.empty_bookings()
    return load, spent / load.statuses[303] * 1000


def _send(place: world.World, key: str, web: psutil.Process, slot_of: Callable[[int], int]) -> Load:
    requests = [_request(place, key, person, slot_of(person)) for person in range(1, PEOPLE + 1)]
    return send(requests, to=web, clients=CLIENTS, seconds=SECONDS)


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


def _request(place: world.World, key: str, person: int, slot: int) -> bytes:
    body = urlencode(
        {
            "csrfmiddlewaretoken": CSRF,
            "phone": "0912345678",
            "city": "臺北市",
            "district": "105",
            "site": str(place.site),
            "date": place.day,
            "slot": str(world.bench_uuid(1, slot)),
            "consent": "on",
            "offered": f"臺北市|105|{place.site}|{place.day}",
            "key": str(uuid.uuid4()),
        }
    ).encode()
    reading = world.bench_uuid(2, person)
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
