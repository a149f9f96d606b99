"""What sealing costs and what it keeps up with, what the indexes of the log cost, what an event costs a page.

    make bench BENCH=sealing

Prints
`wal_ratio=<number>`: WAL of appending and sealing over WAL of appending alone, batches of some seconds
at 2,000 events a second (at most 1.11);
`sealed_per_second=<number>` of one sealer that has nothing else to do;
`keeps_up=<number>`: events a second appended by pgbench at a rate of 2,000, over 2,000, with the sealer
process running, and `lag_s=<number>`, the age of the oldest unsealed event at the worst moment;
`index_wal_ratio=<number>`: WAL of an event with the four indexes for searches over WAL without them;
`event_share=<number>`: CPU of one event (building, appending, sealing) over CPU of the page that leaves
it, the form after a card was read, with the sealer process running (at most 0.05).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psutil  # noqa: E402 (Django first)
from psycopg import Connection  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from apps.audit import keyring  # noqa: E402
from apps.audit.lag import sealing_lag  # noqa: E402
from apps.audit.memory import Memory  # noqa: E402
from apps.audit.rounds import connect  # noqa: E402
from apps.audit.sealing import BATCH, Sealer  # noqa: E402
from bench import log_world  # noqa: E402
from bench.event_cost import event_share  # noqa: E402
from bench.servers import pgbench  # noqa: E402
from config.environment import read  # noqa: E402

WARM_UP = 5000  # until the pages of the indexes have been written whole since the last checkpoint
EVENTS = int(os.environ.get("BENCH_EVENTS", "20000"))
MANY = int(os.environ.get("BENCH_SEALED", "60000"))
RATE = 2000  # events a second
SECONDS = float(os.environ.get("BENCH_SECONDS", "15"))
SEARCH_INDEXES = ("event_by_action", "event_of_service", "event_not_permitted", "event_with_reason")
WRITERS = 2000  # people, patients and institutions that the events are about


def main() -> None:
    with (
        connect(read("DATABASE_URL"), name="bench") as writer,
        connect(keyring.sealer_url(), name="bench_sealer") as connection,
    ):
        sealer = Sealer(
            connection, signer=keyring.log_signer(), memory=Memory(keyring.witness_file())
        )
        _seal_all(sealer)
        _measure_wal(writer, sealer)
        _measure_rate(writer, sealer)
    with tempfile.TemporaryDirectory() as folder:
        with sealer_process(Path(folder)):
            _measure_keeping_up(Path(folder))
        with sealer_process(Path(folder)) as process:
            share = event_share(Path(folder), process)
    print(
        f"event_share={share.ratio:.3f} (event {share.event_us:.0f} us, its seal {share.seal_us:.0f} us, "
        f"page {share.page_ms:.2f} CPU-ms)"
    )
    _measure_indexes()


@contextmanager
def sealer_process(folder: Path) -> Iterator[psutil.Process]:
    """`manage.py audit_seal` as it runs beside the web."""
    with (folder / "sealer.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "audit_seal"], stdout=log, stderr=log
        )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _measure_keeping_up(folder: Path) -> None:
    """pgbench appends at a steady rate; another process looks at the lag meanwhile."""
    script = f"SELECT audit.append('{json.dumps(_event(1))}'::jsonb);"
    watched = subprocess.Popen(
        [sys.executable, "-c", _WATCH, str(SECONDS)], stdout=subprocess.PIPE, text=True
    )
    tps = pgbench(script, folder, clients=4, seconds=SECONDS, rate=RATE)
    worst, _ = watched.communicate()
    while sealing_lag().total_seconds():
        time.sleep(0.2)
    print(f"keeps_up={tps / RATE:.3f} ({tps:.0f} events/s), lag_s={float(worst):.1f}")


_WATCH = """
import os, sys, time
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
from apps.audit.lag import sealing_lag
worst, end = 0.0, time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    worst = max(worst, sealing_lag().total_seconds())
    time.sleep(0.25)
print(worst)
"""


def _measure_indexes() -> None:
    """In a database of its own, a log that nobody seals: the indexes are taken away in the middle."""
    log_world.make_log("ankang_bench_indexes")
    try:
        url = make_conninfo(read("DATABASE_URL"), dbname="ankang_bench_indexes")
        owner = make_conninfo(read("DATABASE_ADMIN_URL"), dbname="ankang_bench_indexes")
        with connect(url, name="bench") as writer, connect(owner, name="bench") as admin:
            _append_one_by_one(writer, WARM_UP)
            full = _wal_of(writer, lambda: _append_one_by_one(writer, BATCH))
            for name in SEARCH_INDEXES:
                admin.execute(f"DROP INDEX audit.{name}")
            plain = _wal_of(writer, lambda: _append_one_by_one(writer, BATCH))
    finally:
        log_world.drop("ankang_bench_indexes")
    print(
        f"index_wal_ratio={full / plain:.3f} "
        f"({full / BATCH:.0f} bytes for an event, {plain / BATCH:.0f} without)"
    )


def _measure_wal(writer: Connection, sealer: Sealer) -> None:
    _append_one_by_one(writer, WARM_UP)
    _seal_all(sealer)
    appended = sealed = 0
    for _ in range(EVENTS // BATCH):
        appended += _wal_of(writer, lambda: _append_one_by_one(writer, BATCH))
        sealed += _wal_of(writer, lambda: _seal_all(sealer))
    print(f"wal_per_event={appended / EVENTS:.0f} bytes, sealing adds {sealed / EVENTS:.0f}")
    print(f"wal_ratio={(appended + sealed) / appended:.3f}")


def _measure_rate(writer: Connection, sealer: Sealer) -> None:
    writer.execute(
        "SELECT count(audit.append(%s::jsonb)) FROM generate_series(1, %s)",
        [json.dumps(_event(0)), MANY],
    )
    began, cpu = time.perf_counter(), time.process_time()
    count = _seal_all(sealer)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    if count < MANY:
        raise SystemExit(f"only {count} of {MANY} events were sealed")
    print(f"cpu_us_per_event={used / count * 1e6:.0f} (the sealer's own, without the database)")
    print(f"sealed_per_second={count / seconds:.0f}")


def _wal_of(writer: Connection, deed: Callable[[], object]) -> int:
    before = _wal(writer)
    deed()
    return _wal(writer) - before


def _wal(connection: Connection) -> int:
    row = connection.execute(
        "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _append_one_by_one(writer: Connection, count: int) -> None:
    for number in range(count):
        writer.execute("SELECT audit.append(%s::jsonb)", [json.dumps(_event(number))])


def _seal_all(sealer: Sealer) -> int:
    total = 0
    while count := sealer.seal():
        total += count
    return total


def _event(number: int) -> dict[str, object]:
    """As full as a booking's, about one of a few thousand people."""
    some = uuid.UUID(int=number % WRITERS + 1)
    return {
        **{
            part: str(some)
            for part in (
                *("actor", "institution", "session", "workstation", "patient"),
                *("entitlement_id", "grant_id"),
            )
        },
        "request_id": str(uuid.uuid4()),
        "action": "book_slot",
        "role": "USER",
        "card_kind": "HPC",
        "card_serial": "000012345678",
        "card_proof_at": "2026-11-21T07:00:00+00:00",
        "ip": "192.0.2.7",
        "service": "VBK",
        "object_type": "booking",
        "object_id": str(uuid.uuid4()),
        "purpose": "TREATMENT",
        "detail": {"dose": 1, "revision": 1},
    }


if __name__ == "__main__":
    main()
