"""Who may use the agent of a shared computer, and which of two servers it works for."""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent import flow, peers
from agent.__main__ import main
from agent.cards.pin import Pin
from agent.signers.piv import PivCard
from agent.web.app import build_agent, build_app
from tests.agent.browser import Browser, code_of, hidden_fields
from tests.agent.card_folder import PIN
from tests.agent.conftest import Workstation
from tests.agent.fake_server import FakeServer
from tests.agent.running import listening, serving

ASK = """
import encodings.idna, os, socket, sys
port, user = int(sys.argv[1]), int(sys.argv[2])
os.setuid(user)  # here, because the other user need not reach this interpreter's files
with socket.create_connection(("127.0.0.1", port), 10) as connection:
    request = f"GET /status.json HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nConnection: close\\r\\n\\r\\n"
    connection.sendall(request.encode("ascii"))
    answer = b""
    while piece := connection.recv(4096):
        answer += piece
print(answer.partition(b" ")[2].decode("utf-8"))
"""
NOBODY = 65534


def ask_as(user: int, port: int) -> str:
    """What another operating-system user of this machine is answered."""
    asking = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASK, str(port), str(user)],
        check=True, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    return asking.stdout


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")


@as_root
@pytest.mark.parametrize("by_table", [False, True], ids=["sock_diag", "table"])
def test_another_user_of_the_computer_is_refused_and_told_why(
    workstation: Workstation, by_table: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_table:
        monkeypatch.setattr(peers, "_asked", lambda *_: None)
    answer = ask_as(NOBODY, workstation.agent.settings.port)
    assert answer.startswith("403 ")
    assert "user_foreign" in answer
    assert ask_as(os.getuid(), workstation.agent.settings.port).startswith("200 ")


@as_root
def test_a_setting_opens_the_agent_to_the_whole_machine_and_the_console_says_so(
    workstation: Workstation,
) -> None:
    assert "僅啟動本元件的使用者" in workstation.browser.open("/").text
    with listening() as (bound, port):
        settings = replace(workstation.agent.settings, port=port, peers="machine")
        with serving(build_app(build_agent(settings)), bound):
            assert ask_as(NOBODY, port).startswith("200 ")
            browser = Browser(settings.origin)
            with browser.http:
                assert "這台電腦的所有使用者" in browser.open("/").text


@pytest.mark.parametrize("way", ["_asked", "_looked_up"])
def test_both_ways_to_ask_name_the_same_owner(way: str) -> None:
    with listening() as (bound, port):
        bound.listen()
        with socket.create_connection(("127.0.0.1", port)):
            served, (_, peer_port) = bound.accept()
            assert getattr(peers, way)(peer_port, port) == os.getuid()
            assert getattr(peers, way)(peer_port, port ^ 1) is None
            served.close()


def test_a_connection_that_is_closed_already_belongs_to_nobody() -> None:
    """The system names root as the owner of a socket without a process."""
    with listening() as (bound, port):
        bound.listen()
        client = socket.create_connection(("127.0.0.1", port))
        served, (_, peer_port) = bound.accept()
        assert peers.is_own(peer_port=peer_port, port=port)
        client.close()
        assert not peers.is_own(peer_port=peer_port, port=port)
        served.close()


def test_without_the_tables_nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_asked", lambda *_: None)
    monkeypatch.setattr(peers, "TABLES", (Path("/nonexistent"),))
    with listening() as (bound, port):
        bound.listen()
        with socket.create_connection(("127.0.0.1", port)):
            served, (_, peer_port) = bound.accept()
            assert not peers.is_own(peer_port=peer_port, port=port)
            served.close()


def test_one_agent_serves_two_servers_each_by_its_name(workstation: Workstation) -> None:
    other = FakeServer()
    with listening() as (bound, port):
        other.origin = f"http://localhost:{port}"
        with serving(other.app(), bound):
            first = workstation.agent.servers.find(None)
            second = workstation.agent.servers.trust(other.origin)
            workstation.browser.insert("nhi-wang")
            ours = workstation.server.start(cards=["NHI"], reading=True)
            theirs = other.start(cards=["NHI"], reading=True)
            back = workstation.browser.open_card(ours, server=first.id)
            assert back.headers["location"].startswith(workstation.server.origin)
            back = workstation.browser.open_card(theirs, server=second.id)
            assert back.headers["location"].startswith(other.origin)
            assert (workstation.server.requests, other.requests) == (2, 2)


def test_one_servers_transaction_means_nothing_to_the_other(workstation: Workstation) -> None:
    other = FakeServer()
    with listening() as (bound, port):
        other.origin = f"http://localhost:{port}"
        with serving(other.app(), bound):
            second = workstation.agent.servers.trust(other.origin)
            workstation.browser.insert("hpc-chen")
            ours = workstation.server.start(cards=["HPC"])
            first = "localhost:" + workstation.server.origin.rpartition(":")[2]
            page = workstation.browser.open_card(ours, server=first)
            assert code_of(workstation.browser.open_card(ours, server=second.id)) == (
                "transaction_unknown"
            )
            fields = hidden_fields(page, "/card/pin") | {"pin": PIN, "server": second.id}
            answer = workstation.browser.submit("/card/pin", fields)
            assert code_of(workstation.browser.follow(answer)) == "transaction_forgotten"
            assert workstation.browser.type_pin(page, PIN).status_code == 303
            assert [len(order.results) for order in other.orders.values()] == []


def test_a_server_that_is_not_in_the_list_is_not_asked(workstation: Workstation) -> None:
    page = workstation.browser.open_card("x" * 43, server="evil.example")
    assert code_of(page) == "server_unknown"
    assert workstation.server.requests == 0


def test_a_page_does_not_wait_for_ever_for_another_page(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other page is at the card, which takes as long as a PIN on the reader's keys may."""
    workstation.browser.insert("hpc-chen")
    transaction = workstation.server.start(cards=["HPC"])
    page = workstation.browser.open_card(transaction)
    monkeypatch.setattr(flow, "BUSY_AFTER", 0.2)
    at_the_card, go_on = threading.Event(), threading.Event()
    sign = PivCard.sign

    def slowly(self: PivCard, message: bytes, *, pin: Pin) -> bytes:
        at_the_card.set()
        assert go_on.wait(10)
        return sign(self, message, pin=pin)

    monkeypatch.setattr(PivCard, "sign", slowly)
    answers = []
    other = threading.Thread(
        target=lambda: answers.append(workstation.browser.type_pin(page, PIN).status_code)
    )
    other.start()
    assert at_the_card.wait(10)
    assert code_of(workstation.browser.open_card(transaction)) == "agent_busy"
    go_on.set()
    other.join()
    assert answers == [303]


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("AGENT-OLD", "下載專區"),
        ("CARD-DEMO", "真實卡片"),
        ("CARD-NOT-ENROLLED", "安全模組"),
        ("WS-REVOKED", "安全模組"),
        ("CARD-WORKSTATION", "重新登入"),
        ("CARD-OTHER-PERSON", "本人的卡片"),
        ("CARD-READER", "晶片讀卡機"),
        ("SOMETHING-NEW", "返回"),
    ],
)
def test_a_servers_refusal_keeps_its_words_and_gets_a_way_on(
    workstation: Workstation, code: str, way: str
) -> None:
    words = "伺服器的說明。"
    workstation.server.refusal = (409, {"code": code, "message": words, "detail": {}})
    page = workstation.browser.open_card(workstation.server.start(cards=["HPC"]))
    assert f'data-code="{code}"' in page.text
    assert words in page.text
    assert way in page.text


def test_browsers_that_ask_for_an_icon_get_one(workstation: Workstation) -> None:
    answer = workstation.browser.http.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")


def test_a_second_agent_on_the_same_port_says_who_is_there(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = workstation.agent.settings
    monkeypatch.setenv("ANKANG_AGENT_HOME", str(settings.home))
    assert main(["serve", "--port", str(settings.port)]) == 2
    chinese, english = capsys.readouterr().err.splitlines()
    assert "a card agent, version 0.1.0, that runs already" in english
    assert "0.1.0" in chinese
    assert f"連接埠 {settings.port}" in chinese


def test_another_program_on_the_port_is_told_from_an_agent(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", server.origin.rpartition(":")[2]]) == 2
    assert "another program" in capsys.readouterr().err
