"""How long a HIS waits for 1.1 and for 1.53, beside the bare APDU exchange and the bare SQL, in one run.

    make bench BENCH=his

An NHI card lies in a real pcscd (virtual, through vpcd), the agent runs as a process of its own, the
server as two workers. Prints
`ratio_to_apdu=<number>`: POST /his/hisGetBasicData over connecting to the card and sending the same
commands with nothing around them;
`ratio_to_sql=<number>`: POST /his/hisGetSeqNumber256N1 (card, agent, signature, server, checks,
number, signature, access event) over the writes of one number as bare SQL of one connection.
"""

import logging
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import httpx  # noqa: E402 (Django first)
from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from agent.readers.virtual.tray import build_card  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.identities.services import identify  # noqa: E402
from apps.identities.terms import IdentifierKind  # noqa: E402
from apps.institutions.models import Institution  # noqa: E402
from apps.institutions.terms import InstitutionKind  # noqa: E402
from apps.visits.models import InsuranceStatus, Visit  # noqa: E402
from apps.workstations.models import Workstation  # noqa: E402
from bench.card import agent, exchange  # noqa: E402
from bench.servers import PORT, web_server  # noqa: E402
from tests.agent.card_folder import CITIZEN_PROFILE, nhi_card  # noqa: E402
from tests.agent.waiting import wait_until  # noqa: E402
from tests.pcsc.daemon import PORTS, Daemon, what_is_missing  # noqa: E402
from tests.pcsc.vpcd import InsertedCard, card_of, make_atr  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "100"))
ORIGIN = f"http://localhost:{PORT}"
MODULE = "990000000001"


def main() -> None:
    missing = what_is_missing()
    if missing:
        print(f"bench/his cannot run: {missing}")
        return
    logging.getLogger("httpx").setLevel(logging.WARNING)
    os.environ["ANKANG_ORIGIN"] = ORIGIN
    with tempfile.TemporaryDirectory() as folder, Daemon.running(Path(folder)) as daemon:
        home = Path(folder) / "home"
        status, workstation = _world(home)
        content = card_of(nhi_card(cancelled=False, emergency_phone="0912345678"))
        card = InsertedCard(build_card(content, {}), port=PORTS["ONE"], atr=make_atr(b"NHI"))
        try:
            with web_server(Path(folder)), agent(home, ORIGIN) as browser:
                token = (home / "his.token").read_text().strip()
                browser.http.headers["Authorization"] = f"Bearer {token}"
                wait_until(lambda: _code(browser.http, "hisGetBasicData") == 0, "the card is read")
                _measure(daemon, browser.http, status, workstation)
        finally:
            card.pull()
            Visit.objects.filter(workstation=workstation).delete()


def _measure(
    daemon: Daemon, http: httpx.Client, status: InsuranceStatus, workstation: Workstation
) -> None:
    for _ in range(5):
        assert _code(http, "hisGetSeqNumber256N1", cTreatItem="01") == 0
        bare_number(status, workstation)
    apdu, basic, sql, number = _medians(
        lambda: exchange(daemon.reader("ONE")),
        lambda: _code(http, "hisGetBasicData"),
        lambda: bare_number(status, workstation),
        lambda: _code(http, "hisGetSeqNumber256N1", cTreatItem="01"),
    )
    print(
        f"apdu_ms={apdu * 1000:.2f} basic_ms={basic * 1000:.2f} "
        f"sql_ms={sql * 1000:.2f} number_ms={number * 1000:.2f}"
    )
    print(f"ratio_to_apdu={basic / apdu:.2f}")
    print(f"ratio_to_sql={number / sql:.2f}")


def bare_number(status: InsuranceStatus, workstation: Workstation) -> None:
    """The writes of one number with every value at hand: lock, count, visit, event."""
    patient, now = status.patient_id, clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        InsuranceStatus.objects.select_for_update().get(pk=status.pk)
        InsuranceStatus.objects.filter(pk=status.pk).update(
            visits_left=F("visits_left") - 1, last_number=F("last_number")
        )
        Visit.objects.create(
            patient_id=patient,
            institution=workstation.institution,
            workstation=workstation,
            module_code=MODULE,
            treat_item="01",
            visited_at=now,
            year=0,
            sequence="0001",
            counted=False,
            signature="s" * 256,
            identifier=secrets.token_hex(10),
            request=uuid.uuid4(),
        )
        event = f'{{"action": "open_visit", "outcome": "permitted", "patient": "{patient}"}}'
        cursor.execute("SELECT audit.append(%s::jsonb)", [event])


def _world(home: Path) -> tuple[InsuranceStatus, Workstation]:
    environment = os.environ | {"ANKANG_AGENT_HOME": str(home)}
    command = [sys.executable, "-m", "agent", "key"]
    asked = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    institution, _ = Institution.objects.get_or_create(
        code="9900000001", defaults={"name": "量測藥局", "kind": InstitutionKind.PHARMACY}
    )
    Visit.objects.filter(institution=institution).delete()
    Workstation.objects.filter(module_code=MODULE).delete()
    workstation = Workstation.objects.create(
        institution=institution, module_code=MODULE, public_key=asked.stdout.strip()
    )
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=CITIZEN_PROFILE["national_id"])
    status, _ = InsuranceStatus.objects.update_or_create(
        patient_id=patient, defaults={"visits_left": 30_000}
    )
    return status, workstation


def _code(http: httpx.Client, name: str, **arguments: Any) -> int:
    code: int = http.post(f"/his/{name}", json=arguments).json()["code"]
    return code


def _medians(*works: Callable[[], object]) -> list[float]:
    """Seconds each work takes, in turns, so that the machine's other load meets them alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, taken in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return [statistics.median(taken) for taken in times]


if __name__ == "__main__":
    main()
