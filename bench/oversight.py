"""What a search costs in a small log and in a large one, and what an export costs beside an ORM iterator.

    make bench BENCH=oversight                      # 300,000 events against 3,000
    BENCH_EVENTS=10000000 BENCH_SMALL=100000 BENCH_EXPORTED=1000000 make bench BENCH=oversight

Prints for each key `search_<key>=<ratio>` (first page in the large log over the small one, in the
database, best of several) with both times, `deep_page=<ratio>` (a page far down over the first),
`export_ratio=<ORM seconds over export seconds>` for the same events, the export through a real web
server and a real Celery worker up to the last byte, and how much memory it took at most.
"""

import json
import os
import time
import uuid
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402 (Django first)

from apps.core import clock  # noqa: E402
from apps.oversight.criteria import Criteria  # noqa: E402
from apps.oversight.services.searching import PAGE  # noqa: E402
from bench import log_world  # noqa: E402
from bench.exporting import measure_export  # noqa: E402
from bench.log_world import EACH  # noqa: E402

LARGE = int(os.environ.get("BENCH_EVENTS", "300000"))
SMALL = int(os.environ.get("BENCH_SMALL", "3000"))
EXPORTED = int(os.environ.get("BENCH_EXPORTED", "200000"))
ROUNDS = 100
DATABASE = "ankang_bench_log"


def main() -> None:
    times = {}
    for size in (SMALL, LARGE):
        began = time.perf_counter()
        log_world.make_log(DATABASE, size)
        print(f"events={size}, built in {time.perf_counter() - began:.0f} s")
        times[size] = {name: _best(wanted) for name, wanted in _searches(size).items()}
    for name in times[LARGE]:
        small, large = times[SMALL][name], times[LARGE][name]
        print(f"search_{name}={large / small:.2f} ({small:.3f} ms, {large:.3f} ms)")
    print(f"deep_page={_deep(LARGE):.2f}")
    log_world.drop(DATABASE)
    measure_export(EXPORTED)


def _searches(size: int) -> dict[str, Criteria]:
    today = clock.today()
    period = {"since": today - timedelta(days=21), "until": today}
    some = f"{size // EACH // 2:09x}"
    ids = {
        name: uuid.UUID(digit * 23 + some)
        for name, digit in (("person", "0"), ("institution", "a"), ("patient", "b"))
    }
    words = {"service": "TCH", "action": "open_shard", "outcome": "refused", "reason": "slot_full"}
    return {
        **{name: Criteria(**period, **{name: value}) for name, value in ids.items()},
        **{name: Criteria(**period, **{name: value}) for name, value in words.items()},
        "period": Criteria(**period),
    }


def _best(wanted: Criteria) -> float:
    """Milliseconds of the first page as the database counts them, planning included."""
    sql, values = wanted.events().newest_first()[: PAGE + 1].query.sql_with_params()
    return min(_explained(sql, values) for _ in range(ROUNDS))


def _explained(sql: str, values: object) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        found = cursor.fetchone()[0]
    (plan,) = found if isinstance(found, list) else json.loads(found)
    return float(plan["Planning Time"] + plan["Execution Time"])


def _deep(size: int) -> float:
    today = clock.today()
    wanted = Criteria(since=today - timedelta(days=21), until=today)
    events = wanted.events().newest_first()
    far = events[size // 2]
    sql, values = events.before(far.cursor)[: PAGE + 1].query.sql_with_params()
    return min(_explained(sql, values) for _ in range(ROUNDS)) / _best(wanted)


if __name__ == "__main__":
    main()
