"""How long a reading takes from the browser's navigation to the way back, beside the bare exchange.

    make bench BENCH=card

An NHI card lies in a real pcscd (virtual, through vpcd). Prints `ratio_to_apdu=<number>`: the time of
a whole card transaction (navigation, claim, recognition, reading, result, redirect) over the time of
connecting to the card and sending the same commands with nothing around them, both in this run.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from agent.apdu import send
from agent.cards.nhi import READ_CARD_DATA, READ_PROFILE, SELECT
from agent.readers.virtual.tray import build_card
from tests.agent.browser import Browser
from tests.agent.card_folder import nhi_card
from tests.agent.fake_server import FakeServer
from tests.agent.running import listening, serving
from tests.agent.waiting import wait_until
from tests.pcsc.daemon import PORTS, Daemon, what_is_missing
from tests.pcsc.vpcd import InsertedCard, card_of, make_atr

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "100"))


def main() -> None:
    missing = what_is_missing()
    if missing:
        print(f"bench/card cannot run: {missing}")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        Daemon.running(Path(folder)) as daemon,
    ):
        measure(Path(folder), daemon)


def measure(folder: Path, daemon: Daemon) -> None:
    content = card_of(nhi_card(cancelled=False, emergency_phone="0912345678"))
    card = InsertedCard(build_card(content, {}), port=PORTS["ONE"], atr=make_atr(b"NHI"))
    server = FakeServer()
    server.demo = False
    try:
        with listening() as (bound, port):
            server.origin = f"http://localhost:{port}"
            with serving(server.app(), bound), agent(folder / "home", server.origin) as browser:
                wait_until(lambda: _card_seen(browser), "the agent sees the card")
                _warm_up(browser, server)
                apdu, whole = _medians(
                    lambda: exchange(daemon.reader("ONE")), lambda: read(browser, server)
                )
    finally:
        card.pull()
    print(f"apdu_ms={apdu * 1000:.2f} reading_ms={whole * 1000:.2f}")
    print(f"ratio_to_apdu={whole / apdu:.2f}")


def exchange(reader: str) -> None:
    """Connect, begin a transaction, send the commands of one reading, let the card go."""
    from agent.readers.pcsc.backend import PcscConnection
    from agent.readers.pcsc.winscard import Winscard

    connection = PcscConnection.open(Winscard(), reader)
    for command in (SELECT, READ_PROFILE, READ_CARD_DATA):
        assert send(connection, command).ok
    connection.close()


def read(browser: Browser, server: FakeServer) -> None:
    answer = browser.open_card(server.start(cards=["NHI"], reading=True))
    assert answer.status_code == 303, answer.text


@contextlib.contextmanager
def agent(home: Path, origin: str) -> Iterator[Browser]:
    """An agent in a process of its own, on the real readers."""
    with listening() as (_, port):
        pass  # free again: the agent takes it
    environment = os.environ | {"ANKANG_AGENT_BACKEND": "pcsc", "ANKANG_AGENT_HOME": str(home)}
    command = [sys.executable, "-m", "agent"]
    subprocess.run([*command, "trust", origin], env=environment, check=True, stdout=subprocess.PIPE)
    running = subprocess.Popen(
        [*command, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
    )
    browser = Browser(f"http://127.0.0.1:{port}")
    try:
        with browser.http:
            wait_until(lambda: _answers(browser), "the agent answers")
            yield browser
    finally:
        running.terminate()
        running.wait(10)


def _answers(browser: Browser) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return browser.http.get("/status.json").status_code == 200
    return False


def _card_seen(browser: Browser) -> bool:
    readers = browser.http.get("/status.json").json()["readers"]
    return "NHI" in [reader["card"] for reader in readers]


def _warm_up(browser: Browser, server: FakeServer) -> None:
    for _ in range(5):
        read(browser, server)


def _medians(*works: Callable[[], None]) -> list[float]:
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
