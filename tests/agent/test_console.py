"""The console, the virtual tray's JSON, the list of servers, the command line and the wording."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main
from agent.keys import load_or_make_key
from agent.problems import Problem
from agent.readers.none import NoReaders
from agent.servers import ServerList, ServerListError, UnknownServer, normal_origin
from agent.settings import Settings, SettingsError, read_settings
from agent.web.app import build_agent
from agent.web.render import explain
from agent.web.wording import UNLOCK, WORDINGS
from tests.agent.browser import page_of
from tests.agent.card_folder import PIN, nhi_card, write_card
from tests.agent.conftest import Workstation


def test_the_console_shows_readers_cards_servers_and_actions(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen", 1)
    page = workstation.browser.open("/")
    assert page_of(page) == "console"
    assert 'data-table="readers"' in page.text
    assert 'data-action="remove_card" data-card="hpc-chen" data-reader="1"' in page.text
    for reader in (0, 1):
        assert f'data-action="insert_card" data-card="nhi-wang" data-reader="{reader}"' in page.text
    assert workstation.server.origin in page.text
    assert '<html lang="zh-Hant">' in page.text


def test_a_broken_card_file_is_listed_with_its_fault(workstation: Workstation) -> None:
    (workstation.cards / "torn.json").write_text("{")
    page = workstation.browser.open("/")
    assert 'data-code="card_file_broken" data-card="torn"' in page.text
    assert "not JSON" in page.text
    assert "nhi-wang" in page.text


def test_the_tray_lists_cards_as_the_contract_says_and_new_files_at_once(
    workstation: Workstation,
) -> None:
    write_card(workstation.cards, "nhi-lee", nhi_card(holder="李大華", note="新卡"))
    tray = workstation.browser.http.get("/virtual.json").json()
    assert tray["readers"] == [
        {"index": 0, "name": "Virtual reader 1", "card": None},
        {"index": 1, "name": "Virtual reader 2", "card": None},
    ]
    by_id = {card["id"]: card for card in tray["cards"]}
    assert by_id["nhi-lee"] == {
        "id": "nhi-lee", "kind": "NHI", "holder": "李大華", "pin": None, "note": "新卡",
    }  # fmt: skip
    assert by_id["hpc-chen"]["pin"] == PIN


def test_inserting_moves_and_removing_empties(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang", 0)
    workstation.browser.insert("nhi-wang", 1)
    readers = workstation.browser.http.get("/virtual.json").json()["readers"]
    assert [reader["card"] for reader in readers] == [None, "nhi-wang"]
    workstation.browser.remove(1)
    workstation.browser.remove(1)
    readers = workstation.browser.http.get("/virtual.json").json()["readers"]
    assert [reader["card"] for reader in readers] == [None, None]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/virtual/insert", {"reader": 0, "card": "nobody"}, "card_unknown"),
        ("/virtual/insert", {"reader": 2, "card": "nhi-wang"}, "reader_unknown"),
        ("/virtual/remove", {"reader": -1}, "reader_unknown"),
    ],
)
def test_unknown_cards_and_readers_are_refused(
    workstation: Workstation, path: str, body: dict[str, object], code: str
) -> None:
    answer = workstation.browser.http.post(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_the_switch_changes_the_language_for_this_browser(workstation: Workstation) -> None:
    answer = workstation.browser.submit("/language", {"language": "en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert '<html lang="en">' in workstation.browser.open("/").text
    answer = workstation.browser.submit("/language", {"language": "xx"})
    assert workstation.browser.follow(answer).status_code == 400


def test_without_virtual_cards_there_is_no_tray_and_the_claim_says_real(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=24777, virtual_cards=None, virtual_readers=2)
    agent = build_agent(settings)
    try:
        assert agent.tray is None
        assert agent.backend.virtual is False
    finally:
        agent.backend.close()


def test_without_pyscard_the_agent_runs_without_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    agent = build_agent(Settings(tmp_path, 24777, None, 2))
    assert isinstance(agent.backend, NoReaders)
    assert agent.backend.service == "stopped"


def test_virtual_cards_need_no_pyscard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard.scard", None)
    agent = build_agent(Settings(tmp_path, 24777, tmp_path, 2))
    assert agent.tray is not None


def test_the_server_trusted_last_is_the_default(tmp_path: Path) -> None:
    servers = ServerList(tmp_path / "home")
    with pytest.raises(UnknownServer):
        servers.find(None)
    first = servers.trust("http://localhost:8000/")
    second = servers.trust("https://VPN.example.gov.tw:443")
    assert second.origin == "https://vpn.example.gov.tw"
    assert servers.find(None) == second
    assert servers.find("localhost:8000") == first
    servers.trust("http://localhost:8000")
    assert servers.find(None) == first
    assert json.loads((tmp_path / "home" / "servers.json").read_text()) == {
        "vpn.example.gov.tw": "https://vpn.example.gov.tw",
        "localhost:8000": "http://localhost:8000",
    }


@pytest.mark.parametrize(
    "origin",
    [
        "http://vpn.example.gov.tw", "https://user@vpn.example", "https://vpn.example/path", "ftp://x",
        "https://vpn.example?x", "vpn.example", "", "https://[", "javascript:alert(1)", "https://x:99999",
    ],
)  # fmt: skip
def test_what_is_no_safe_origin_is_not_trusted(origin: str) -> None:
    with pytest.raises(ServerListError):
        normal_origin(origin)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000.evil.example/", "http://localhost:80/", "https://localhost:8000/",
        "http://evil@localhost:8000/", "//localhost:8000/", "/cards", "http://localhost:8000\\@evil/",
        "http://localhost:8000/\nX: y", "http://[/",
    ],
)  # fmt: skip
def test_a_server_owns_only_urls_of_its_own_origin(tmp_path: Path, url: str) -> None:
    server = ServerList(tmp_path).trust("http://localhost:8000")
    assert server.owns("http://localhost:8000/cards/x/return?code=y")
    assert not server.owns(url)


def test_the_commands_make_the_key_and_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANKANG_AGENT_HOME", str(tmp_path / "home"))
    assert main(["key"]) == 0
    assert capsys.readouterr().out.strip() == load_or_make_key(tmp_path / "home").public
    assert main(["trust", "http://localhost:8000"]) == 0
    assert main(["trust", "http://localhost:8000"]) == 0
    assert [server.id for server in ServerList(tmp_path / "home").all()] == ["localhost:8000"]
    assert main(["trust", "http://elsewhere"]) == 2
    assert "https" in capsys.readouterr().err


def test_settings_come_from_the_environment() -> None:
    settings = read_settings(
        {"AGENT_PORT": "25000", "ANKANG_VIRTUAL_CARDS": "cards", "ANKANG_AGENT_READERS": "3"}
    )
    assert settings.origin == "http://127.0.0.1:25000"
    assert (settings.virtual_cards, settings.virtual_readers) == (Path("cards"), 3)
    assert read_settings({}) == Settings(Path("var/agent"), 24777, None, 2)
    chosen = read_settings(
        {
            "ANKANG_VIRTUAL_CARDS": "cards",
            "ANKANG_AGENT_BACKEND": "pcsc",
            "ANKANG_AGENT_PKCS11_MODULE": "/usr/lib/card.so",
            "ANKANG_AGENT_PEERS": "machine",
            "ANKANG_AGENT_CA_FILE": "/etc/ca.pem",
        }
    )
    assert (chosen.backend, chosen.peers) == ("pcsc", "machine")
    assert chosen.pkcs11_module == Path("/usr/lib/card.so")
    assert chosen.ca_file == Path("/etc/ca.pem")
    for wrong in (
        {"ANKANG_AGENT_BACKEND": "virtual"},
        {"ANKANG_AGENT_BACKEND": "usb"},
        {"ANKANG_AGENT_PKCS11_MODULE": "card.so"},
        {"ANKANG_AGENT_PEERS": "all"},
    ):
        with pytest.raises(SettingsError):
            read_settings(wrong)
    for wrong in ({"AGENT_PORT": "http"}, {"AGENT_PORT": "70000"}, {"ANKANG_AGENT_READERS": "0"}):
        with pytest.raises(SettingsError):
            read_settings(wrong)


# What stands in the texts' places.
PARAMS: dict[str, Any] = {
    "tries": 2,
    "origin": "http://127.0.0.1:24777",
    "wanted": "application/json",
    "meant": "hisGetBasicData",
}


@pytest.mark.parametrize("code", sorted(WORDINGS))
def test_every_problem_has_its_own_words_in_both_languages(code: str) -> None:
    problem = Problem(code, **PARAMS)
    chinese, english = (explain(problem, language) for language in ("zh-hant", "en"))
    for part in ("title", "text"):
        assert english[part].isascii()
        assert chinese[part] != english[part]
        assert not chinese[part].isascii()
    titles = [explain(Problem(other, **PARAMS), "zh-hant")["title"] for other in WORDINGS]
    assert titles.count(chinese["title"]) == 1


@pytest.mark.parametrize("kind", UNLOCK)
def test_a_locked_card_says_who_unlocks_it(kind: str) -> None:
    said = explain(Problem("pin_locked", kind=str(kind)), "zh-hant")
    assert "管理中心" in said["way"]
