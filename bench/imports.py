"""How fast a file comes in with all its checks, beside a bare COPY of the same rows.

    make bench BENCH=imports

Prints `ratio_to_copy=<number>`: seconds of a bare COPY of ready rows into the same indexed table
over seconds of the whole import of the same lines (encoding, CSV, people's numbers, checks,
duplicates, upsert), each by the best of rounds that were taken in turns. Also the import of 30,000
institutions, and how much more memory a process needs for the full file than for a tenth of it.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402 (Django first)

from apps.audit.actors import Actor  # noqa: E402
from apps.identities.numbers import InvalidNumber, check_national_id  # noqa: E402
from apps.identities.services import identify_many  # noqa: E402
from apps.identities.terms import IdentifierKind  # noqa: E402
from apps.immunizations.models import VaccinationRecord  # noqa: E402
from apps.imports.files import pieces_of  # noqa: E402
from apps.imports.models import ImportRun  # noqa: E402
from apps.imports.services import process_import, start_import  # noqa: E402
from apps.institutions.models import Institution  # noqa: E402
from config.environment import read  # noqa: E402

LINES = int(os.environ.get("BENCH_LINES", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
DOSES = 10  # of one person
INSTITUTIONS = 30_000
TABLE = VaccinationRecord._meta.db_table
COLUMNS = "id, patient_id, vaccine_id, brand, dose_number, given_on, institution_code, lot, source"
HEADER = "national_id,vaccine,brand,dose,given_on,institution_code,lot\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _institutions(Path(folder) / "institutions.csv")
        people = _numbers(LINES // DOSES)
        identities = _make_known(people)
        small, full = Path(folder) / "small.csv", Path(folder) / "full.csv"
        _write(small, people[: max(1, len(people) // 10)])
        _write(full, people)
        _empty(TABLE)
        before = _megabytes_of(small)
        imports, copies = [], []
        for _ in range(ROUNDS):
            _empty(TABLE)
            seconds, run = _import("vaccinations", full)
            imports.append(seconds)
            _empty(TABLE)
            copies.append(_copy(people, identities))
        seconds, bare = min(imports), min(copies)
        again, _same = _import("vaccinations", full)
        _empty(TABLE)
        grown = _megabytes_of(full) - before
        _empty(TABLE)
    print(f"{run.lines} vaccination lines: {seconds:.1f} s, {run.lines / seconds:.0f} a second")
    print(f"the same file again: {again:.1f} s; bare COPY: {bare:.1f} s")
    print(f"memory_mb={before:.0f} memory_grown_mb={grown:.0f}")
    rounds = ", ".join(f"{b / s:.2f}" for s, b in zip(imports, copies, strict=True))
    print(f"ratio_to_copy={bare / seconds:.3f} (round by round: {rounds})")


def _institutions(path: Path) -> None:
    with path.open("w") as file:
        file.write("code,name,kind,district,address\n")
        for number in range(INSTITUTIONS):
            file.write(f"35{number:08d},第{number}診所,CLINIC,105,八德路四段{number}號\n")
    seconds, run = _import("institutions", path)
    print(f"{run.made + run.unchanged} institutions: {seconds:.1f} s")
    Institution.objects.filter(name__regex="^第[0-9]+診所$").delete()


def _import(kind: str, path: Path) -> tuple[float, ImportRun]:
    began = time.perf_counter()
    run = start_import(
        kind=kind,
        file_name=path.name,
        pieces=pieces_of(path),
        publish_at_once=True,
        by=Actor.system("bench"),
    )
    process_import(run.pk)
    seconds = time.perf_counter() - began
    run.refresh_from_db()
    if run.state != "PUBLISHED" or run.bad_lines:
        raise SystemExit(f"the import ended as {run.state} with {run.bad_lines} bad lines")
    return seconds, run


def _numbers(count: int) -> list[str]:
    """Valid national IDs, the same in each run."""
    numbers = []
    for number in range(count):
        stem = f"{'ABCDEF'[number % 6]}1{number:07d}"
        numbers.append(next(filter(_valid, (f"{stem}{digit}" for digit in range(10)))))
    return numbers


def _valid(number: str) -> bool:
    try:
        return bool(check_national_id(number))
    except InvalidNumber:
        return False


def _make_known(people: list[str]) -> list[str]:
    """Their identities; they are known before, as nearly everybody in a real file is."""
    found = identify_many(kind=IdentifierKind.NATIONAL_ID, numbers=people)
    return [str(found[number]) for number in people]


def _doses(place: int) -> Iterator[tuple[str, str, str]]:
    first = date(2015, 1, 1) + timedelta(days=place % 3000)
    for dose in range(1, DOSES + 1):
        yield str(dose), (first + timedelta(days=30 * dose)).isoformat(), f"L{place % 977:05d}"


def _lines(people: list[str]) -> list[str]:
    """In no order, as a register's extract by day of report is."""
    lines = [
        f"{number},FLU,GSK,{dose},{day},1101010021,{lot}\n"
        for place, number in enumerate(people)
        for dose, day, lot in _doses(place)
    ]
    random.Random(1).shuffle(lines)
    return lines


def _write(path: Path, people: list[str]) -> None:
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines(_lines(people))


def _copy(people: list[str], identities: list[str]) -> float:
    """The same lines with their identities, in the same order, with ids as the table has them."""
    patients = dict(zip(people, identities, strict=True))
    rows, ids = [], random.Random(2)
    for line in _lines(people):
        person, vaccine, brand, dose, day, institution, lot = line.rstrip().split(",")
        rows.append(
            f"{UUID(int=ids.getrandbits(128), version=4)}\t{patients[person]}\t{vaccine}\t{brand}\t{dose}"
            f"\t{day}\t{institution}\t{lot}\tNIIS\n"
        )
    text = "".join(rows)
    with connection.cursor() as cursor:  # all in one transaction, as no import of ours would
        cursor.execute("SET transaction_timeout = 0")
    began = time.perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as copy,
    ):
        for start in range(0, len(text), 1 << 20):
            copy.write(text[start : start + (1 << 20)])
    return time.perf_counter() - began


def _empty(table: str) -> None:
    """Every measurement begins with the same empty table, as its owner may."""
    import psycopg

    with psycopg.connect(read("DATABASE_OWNER_URL"), autocommit=True) as owner:
        owner.execute(f"TRUNCATE {table} CASCADE")


# The process tells its peak itself: in the usage that wait4 reports, a child begins with the peak of
# its parent, whose memory it shares until exec (getrusage(2)).
_IMPORT_AND_TELL = """
import manage, re
from pathlib import Path
manage.main()
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def _megabytes_of(path: Path) -> float:
    """The greatest memory of a process that imports this file and does nothing else."""
    command = [sys.executable, "-c", _IMPORT_AND_TELL, "import_file", "vaccinations", str(path)]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return int(told.split()[-1]) / 1024


if __name__ == "__main__":
    main()
