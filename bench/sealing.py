"""What sealing costs: WAL for an event with and without it, and how many events a second it seals.

    make bench BENCH=sealing

Prints `wal_ratio=<number>` (WAL of appending and sealing over WAL of appending alone, batches of
three seconds at 2,000 events a second) and `sealed_per_second=<number>` of one sealer.
"""

import json
import os
import time
import uuid
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from psycopg import Connection  # noqa: E402 (Django first)

from apps.audit import keyring  # noqa: E402
from apps.audit.memory import Memory  # noqa: E402
from apps.audit.rounds import connect  # noqa: E402
from apps.audit.sealing import BATCH, Sealer  # noqa: E402
from config.environment import read  # noqa: E402

WARM_UP = 5000  # until the pages of the indexes have been written whole since the last checkpoint
EVENTS = int(os.environ.get("BENCH_EVENTS", "20000"))
MANY = int(os.environ.get("BENCH_SEALED", "60000"))
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
