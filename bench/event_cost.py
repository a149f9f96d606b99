"""What an access event costs beside the page that leaves it, while the sealer runs."""

import resource
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

from apps.accounts.sessions import SessionStore
from apps.audit.actors import Actor
from apps.audit.lag import sealing_lag
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.booking.models import Slot
from bench import booking_world as world
from bench.client import send
from bench.servers import (
    collect_static,
    cpu_seconds,
    origin_host,
    postgres_processes,
    web_server,
)

PAGES = 1200
EVENTS = 4000
CLIENTS = 4
SLOTS = 60  # as a site offers; the form lists them


@dataclass(frozen=True)
class Share:
    """CPU of one event and of its seal in microseconds, of the page in milliseconds."""

    event_us: float
    seal_us: float
    page_ms: float

    @property
    def ratio(self) -> float:
        return (self.event_us + self.seal_us) / self.page_ms / 1000


def event_share(folder: Path, sealer: psutil.Process) -> Share:
    """The page is the form of a booking: session, decide(), reading, eligibility, one event, template."""
    collect_static()
    place = world.build(people=PAGES)
    few = [world.bench_uuid(1, number + 1) for number in range(SLOTS)]
    Slot.objects.exclude(pk__in=few).delete()
    store = SessionStore()
    store.open(**place.session_columns)
    world.bind_readings(store.record.id)
    event_us, seal_us = _cost_of_event(place, sealer)
    page_ms = _cost_of_page(folder, str(store.session_key), sealer)
    return Share(event_us, seal_us, page_ms)


def _cost_of_event(place: world.World, sealer: psutil.Process) -> tuple[float, float]:
    """This process with its backend, then the sealer with its own, for the same events."""
    by = Actor(
        person=place.pharmacist,
        role="STAFF",
        institution=place.institution,
        session=place.session_columns["person"].pk,
        workstation=place.session_columns["workstation_id"],
        card_kind="HPC",
        card_serial="bench",
        ip="192.0.2.7",
    )
    connection.ensure_connection()
    backend = psutil.Process(_backend())
    sealing = [sealer, *_backends_of("audit_seal")]
    _wait_until_sealed()
    sealed = cpu_seconds(sealing)
    before, own = cpu_seconds([backend]), _own_cpu()
    for number in range(EVENTS):
        patient = world.bench_uuid(9, number + 1)
        record(event(Action.CHECK_ELIGIBILITY, by=by, service="VBK", patient=patient))
    used = _own_cpu() - own + cpu_seconds([backend]) - before
    _wait_until_sealed()
    sealed = cpu_seconds(sealing) - sealed
    return used / EVENTS * 1e6, sealed / EVENTS * 1e6


def _cost_of_page(folder: Path, key: str, sealer: psutil.Process) -> float:
    """Web processes and PostgreSQL, without the sealer and its backend."""
    requests = [_request(key, number) for number in range(1, PAGES + 1)]
    with web_server(folder) as web:
        send(requests[:100], to=web, clients=CLIENTS, seconds=60)  # warm
        sealing = {each.pid for each in _backends_of("audit_seal")}
        processes = [web, *web.children()]
        processes += [each for each in postgres_processes() if each.pid not in sealing]
        before = cpu_seconds(processes)
        load = send(requests[100:], to=web, clients=CLIENTS, seconds=120)
        spent = cpu_seconds(processes) - before
    if set(load.statuses) != {200}:
        raise SystemExit(f"not every page was shown: {dict(load.statuses)}")
    return spent / load.statuses[200] * 1000


def _request(key: str, person: int) -> bytes:
    reading = world.bench_uuid(2, person)
    return (
        f"GET /booking/{reading}/ HTTP/1.1\r\nHost: {origin_host()}\r\n"
        f"Cookie: {settings.SESSION_COOKIE_NAME}={key}\r\nConnection: keep-alive\r\n\r\n"
    ).encode()


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _backends_of(application: str) -> list[psutil.Process]:
    """The server processes of the connections of this name; waits for the first."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [application]
            )
            found = [psutil.Process(pid) for (pid,) in cursor.fetchall()]
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"{application} does not run")


def _wait_until_sealed() -> None:
    while sealing_lag().total_seconds():
        time.sleep(0.2)
