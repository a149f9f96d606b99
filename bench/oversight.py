"""What a search costs in a small log and in a large one, and what an export costs beside an ORM iterator.

    make bench BENCH=oversight                      # 300,000 events against 3,000
    BENCH_EVENTS=10000000 BENCH_SMALL=100000 BENCH_EXPORTED=1000000 make bench BENCH=oversight

Prints for each key `search_<key>=<ratio>` (first page in the large log over the small one, in the
database, medians of rounds that ask both in turns, so that what else the machine does meets both) with
both times, `deep_page=<ratio>` (a page far down over the first),
`export_ratio=<ORM seconds over export seconds>` for the same events, the export through a real web
server and a real Celery worker up to the last byte, and how much memory it took at most.
"""

import json
import os
import statistics
import time
import uuid
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402 (Django first)
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from apps.core import clock  # noqa: E402
from apps.oversight.criteria import Criteria  # noqa: E402
from apps.oversight.services.searching import PAGE  # noqa: E402
from bench import log_world  # noqa: E402
from bench.exporting import measure_export  # noqa: E402
from bench.log_world import EACH  # noqa: E402

LARGE = int(os.environ.get("BENCH_EVENTS", "300000"))
SMALL = int(os.environ.get("BENCH_SMALL", "3000"))
EXPORTED = int(os.environ.get("BENCH_EXPORTED", "200000"))
ROUNDS = 201
DATABASE = "ankang_bench_log"

Question = tuple[str, Any]  # SQL and its parameters
Log = tuple[BaseDatabaseWrapper, dict[str, Question]]


def main() -> None:
    logs = [_build(size) for size in (SMALL, LARGE)]
    for name, times in _in_turns(logs).items():
        small, large = map(statistics.median, times)
        print(f"search_{name}={large / small:.2f} ({small:.3f} ms, {large:.3f} ms)")
    large, questions = logs[-1]
    first, far = _in_turns([(large, {"": questions["period"]}), (large, {"": _deep(LARGE)})])[""]
    print(f"deep_page={statistics.median(far) / statistics.median(first):.2f}")
    for open_log, _ in logs:
        name = open_log.settings_dict["NAME"]
        open_log.close()
        log_world.drop(name)
    measure_export(EXPORTED)


def _build(size: int) -> Log:
    """A log of that size with a connection of its own, and the questions put to it."""
    began = time.perf_counter()
    log_world.make_log(f"{DATABASE}_{size}", size)
    print(f"events={size}, built in {time.perf_counter() - began:.0f} s")
    questions = {name: _first_page(wanted) for name, wanted in _searches(size).items()}
    return connection.copy(), questions


def _in_turns(logs: list[Log]) -> dict[str, list[list[float]]]:
    """For each question the milliseconds of every round, of each log.

    A round asks one question of each log, one right after the other, and the next round begins with
    the other log.
    """
    names = list(logs[0][1])
    times: dict[str, list[list[float]]] = {name: [[] for _ in logs] for name in names}
    for number in range(ROUNDS):
        for name in names:
            for at in range(len(logs)):
                turn = (at + number) % len(logs)
                log, questions = logs[turn]
                times[name][turn].append(_explained(log, *questions[name]))
    return times


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


def _first_page(wanted: Criteria) -> Question:
    return wanted.events().newest_first()[: PAGE + 1].query.sql_with_params()


def _explained(log: BaseDatabaseWrapper, sql: str, values: Any) -> float:
    """Milliseconds as the database counts them, planning included."""
    with log.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        found = cursor.fetchone()[0]
    (plan,) = found if isinstance(found, list) else json.loads(found)
    return float(plan["Planning Time"] + plan["Execution Time"])


def _deep(size: int) -> Question:
    """The page in the middle of the large log, which Django's connection is on."""
    today = clock.today()
    wanted = Criteria(since=today - timedelta(days=21), until=today)
    events = wanted.events().newest_first()
    far = events[size // 2]
    return events.before(far.cursor)[: PAGE + 1].query.sql_with_params()


if __name__ == "__main__":
    main()
