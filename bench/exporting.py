"""An export as an auditor gets it: asked for at the web server, written by a Celery worker, downloaded."""

import csv
import io
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import psutil
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from apps.accounts.models import Person, PlatformRole
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.models import Event
from apps.core import clock
from apps.core.exports import cell
from apps.identities.models import Identity
from apps.oversight.criteria import Criteria
from apps.oversight.models import LogExport
from apps.oversight.terms import ExportState
from bench import log_world
from bench.servers import PORT, origin_host, web_server
from config.environment import read

DATABASE = "ankang_bench_export"
CSRF = "c" * 32
NAMES = (
    *("id", "recorded_at", "actor", "role", "institution", "workstation", "card_kind", "service"),
    *("action", "outcome", "reason", "patient", "purpose", "consent", "result_count"),
    *("object_type", "object_id", "detail", "ip", "grant_id", "request_id"),
)


def measure_export(events: int) -> None:
    """Seconds from pressing 匯出 CSV to the last byte, beside an ORM iterator over the same events."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    log_world.copy_database(DATABASE)
    try:
        log_world.fill(DATABASE, events)
        today = clock.today()
        wanted = Criteria(since=today - timedelta(days=21), until=today)
        with tempfile.TemporaryDirectory() as folder, _programs(Path(folder)) as (web, worker):
            browser = _auditor()
            few = {"since": str(today), "until": str(today)}
            _export(browser, few)  # warm: both programs have loaded what they need
            with _peak(worker) as worker_grew, _peak(web) as web_grew:
                began = time.perf_counter()
                size, count = _export(browser, {"since": str(wanted.since), "until": str(today)})
                took = time.perf_counter() - began
        walked = _timed(lambda: _walk(wanted))
        print(
            f"export_ratio={walked / took:.1f} ({count} events, {size / 1e6:.0f} MB: "
            f"{took:.1f} s through web server and worker, ORM iterator {walked:.1f} s)"
        )
        print(
            f"export_memory={worker_grew():.0f} MB more in the worker, {web_grew():.0f} in the web"
        )
    finally:
        log_world.drop(DATABASE)


@contextmanager
def _programs(folder: Path) -> Iterator[tuple[psutil.Process, psutil.Process]]:
    environment = os.environ | {
        "DATABASE_URL": _url(read("DATABASE_URL")),
        "ANKANG_EXPORTS": str(folder / "exports"),
    }
    command = [
        *(sys.executable, "-m", "celery", "--app", "config", "worker", "--concurrency=1"),
        *("--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    with (folder / "worker.log").open("w") as log, web_server(folder, environment) as web:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield web, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _url(url: str) -> str:
    """The same server and role, the other database."""
    before = conninfo_to_dict(url)["dbname"]
    head, _, tail = url.rpartition(f"/{before}")
    return f"{head}/{DATABASE}{tail}"


def _auditor() -> httpx.Client:
    """A browser with an auditor's session."""
    person = Person.objects.create(identity=Identity.objects.create(), name="量測稽核員")
    PlatformRole.objects.create(person=person, role=SessionRole.AUDITOR)
    store = SessionStore()
    store.open(
        person=person,
        role=SessionRole.AUDITOR,
        card_kind=CardKind.CITIZEN,
        card_issuer="bench",
        card_serial="bench",
        card_proof_at=clock.now(),
    )
    return httpx.Client(
        base_url=f"http://127.0.0.1:{PORT}",
        headers={"Host": origin_host(), "Origin": settings.ORIGIN},
        cookies={
            settings.SESSION_COOKIE_NAME: str(store.session_key),
            settings.CSRF_COOKIE_NAME: CSRF,
        },
        timeout=600,
        trust_env=False,
    )


def _export(browser: httpx.Client, period: dict[str, str]) -> tuple[int, int]:
    """Bytes that came, and events in them."""
    form = {"csrfmiddlewaretoken": CSRF, "purpose": "ROUTINE", **period}
    found = browser.post("/oversight/log/", data=form).headers["location"]
    body = {"csrfmiddlewaretoken": CSRF, "kind": "CSV"}
    asked = browser.post(f"{found}export/", data=body)
    assert asked.status_code == 302, asked.status_code
    export = LogExport.objects.latest("made_at")
    while export.is_under_way:
        time.sleep(0.05)
        export.refresh_from_db()
    if export.state != ExportState.DONE:
        raise SystemExit("the worker did not write the export")
    size = 0
    with browser.stream("GET", f"/oversight/exports/{export.pk}/") as answer:
        for piece in answer.iter_bytes():
            size += len(piece)
    return size, export.written


@contextmanager
def _peak(process: psutil.Process) -> Iterator[Callable[[], float]]:
    """How many MB this process and its children grow at most; asked 20 times a second."""
    done, seen = threading.Event(), [_resident(process)]

    def look() -> None:
        while not done.wait(0.05):
            seen.append(_resident(process))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield lambda: (max(seen) - seen[0]) / 1e6
    finally:
        done.set()
        watcher.join()


def _resident(process: psutil.Process) -> int:
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _walk(wanted: Criteria) -> None:
    """What one writes first: the ORM's iterator and the csv module, into a file."""
    with tempfile.TemporaryFile() as file:
        text = io.StringIO()
        writer = csv.writer(text)
        for event in wanted.events().newest_first().iterator(chunk_size=2000):
            writer.writerow([cell(value) for value in _cells(event)])
            if text.tell() > 1 << 16:
                file.write(text.getvalue().encode())
                text.seek(0)
                text.truncate()
        file.write(text.getvalue().encode())


def _cells(event: Event) -> list[object]:
    return [getattr(event, name) for name in NAMES]
