"""Security modules: from the `.SAM` file to the enrolled workstation."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.modules import ModuleStore, SamFileError, SecurityModule, parse_sam
from tests.agent.browser import code_of
from tests.agent.conftest import Workstation
from tests.agent.waiting import wait_until

PIN_1 = "sha256/" + "A" * 43 + "="


def sam(workstation: Workstation, **changes: Any) -> bytes:
    content = {
        "format": "ankang-sam/1",
        "origin": workstation.server.origin,
        "institution_code": "5901012345",
        "institution_name": "健全藥局",
        "module_code": "SAM000000001",
        "token": "one-time-token",
        "pins": [],
    }
    return json.dumps(content | changes, ensure_ascii=False).encode()


@pytest.fixture
def willing(workstation: Workstation) -> Workstation:
    """The server accepts the module."""
    workstation.server.enrolment_answer = {
        "institution_code": "5901012345",
        "institution_name": "健全藥局",
        "module_code": "SAM000000001",
    }
    (workstation.agent.settings.home / "modules").mkdir(parents=True, exist_ok=True)
    (workstation.agent.settings.home / "servers.json").unlink()
    return workstation


def upload(workstation: Workstation, content: bytes, **headers: str) -> httpx.Response:
    browser = workstation.browser
    own = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
    files = {"module": ("5901012345SAM000000001.SAM", content)}
    return browser.http.post("/modules", files=files, headers=own | headers)


def put_into_folder(workstation: Workstation, content: bytes) -> Path:
    path = workstation.agent.settings.home / "modules" / "5901012345SAM000000001.SAM"
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    return draft.replace(path)


def test_an_uploaded_module_enrols_and_is_shown_with_institution_and_module_code(
    willing: Workstation,
) -> None:
    assert upload(willing, sam(willing)).headers["location"] == "/"
    (told,) = willing.server.enrolments
    assert (told["module_code"], told["token"]) == ("SAM000000001", "one-time-token")
    console = willing.browser.open("/").text
    for shown in ("安全模組認證", "5901012345", "健全藥局", "SAM000000001"):
        assert shown in console
    assert [server.origin for server in willing.agent.servers.all()] == [willing.server.origin]
    assert willing.browser.http.get("/status.json").json()["enrolled"] is True


def test_a_module_in_the_folder_enrols_by_itself_and_its_token_is_not_kept(
    willing: Workstation,
) -> None:
    path = put_into_folder(willing, sam(willing))
    wait_until(lambda: bool(willing.agent.modules.all()), "the module is found")
    wait_until(lambda: not path.exists(), "the file is gone")
    home = willing.agent.settings.home
    kept = [file.read_text(errors="replace") for file in home.rglob("*") if file.is_file()]
    assert not [text for text in kept if "one-time-token" in text]
    assert len(willing.server.enrolments) == 1


def test_a_refused_module_is_set_aside_with_the_reason_on_the_console(
    willing: Workstation,
) -> None:
    willing.server.refusal = (409, {"code": "module_used", "message": "已使用", "detail": ""})
    path = put_into_folder(willing, sam(willing))
    wait_until(lambda: not path.exists(), "the file is set aside")
    assert path.with_name(path.name + ".refused").exists()
    assert 'data-code="module_used"' in willing.browser.open("/").text
    assert willing.agent.modules.all() == []
    assert willing.agent.servers.all() == []


def test_a_server_that_cannot_be_reached_is_asked_again(willing: Workstation) -> None:
    willing.server.refusal = (503, {})
    path = put_into_folder(willing, sam(willing))
    wait_until(lambda: bool(willing.server.enrolments), "the server is asked")
    assert path.exists()
    willing.server.refusal = None
    wait_until(lambda: not path.exists(), "the second try succeeds")
    assert [module.module_code for module in willing.agent.modules.all()] == ["SAM000000001"]


def test_an_uploaded_module_that_the_server_refuses_shows_its_words(willing: Workstation) -> None:
    willing.server.refusal = (409, {"code": "module_used", "message": "模組已使用", "detail": ""})
    page = willing.browser.follow(upload(willing, sam(willing)))
    assert code_of(page) == "module_used"
    assert "模組已使用" in page.text
    assert willing.agent.servers.all() == []


def test_an_answer_for_another_institution_enrols_nobody(willing: Workstation) -> None:
    willing.server.enrolment_answer["institution_code"] = "3501200000"
    page = willing.browser.follow(upload(willing, sam(willing)))
    assert code_of(page) == "server_answer_invalid"
    assert willing.agent.modules.all() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
def test_no_other_site_can_enrol_this_workstation(
    willing: Workstation, headers: dict[str, str], status: int
) -> None:
    assert upload(willing, sam(willing), **headers).status_code == status
    assert willing.server.enrolments == []


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "ankang-sam/2"},
        {"origin": "http://elsewhere.example"},
        {"origin": "https://vpn.example/path"},
        {"origin": "https://vpn.example"},  # https without a pin
        {"origin": "https://vpn.example", "pins": ["sha256/short"]},
        {"pins": "sha256/" + "A" * 43 + "="},
        {"token": ""},
        {"token": None},
        {"module_code": "../../etc"},
        {"institution_name": "x" * 501},
        {"institution_name": "a\nb"},
    ],
)
def test_a_changed_file_is_no_security_module(
    willing: Workstation, changes: dict[str, Any]
) -> None:
    page = willing.browser.follow(upload(willing, sam(willing, **changes)))
    assert (page.status_code, code_of(page)) == (422, "module_malformed")
    assert willing.server.enrolments == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{}", b" " * 17_000])
def test_what_is_no_json_object_is_no_security_module(content: bytes) -> None:
    with pytest.raises(SamFileError):
        parse_sam(content)


def test_a_file_too_large_is_refused_before_it_is_read(willing: Workstation) -> None:
    page = willing.browser.follow(upload(willing, b" " * 50_000))
    assert page.status_code == 413


def test_a_newer_module_of_a_server_replaces_the_older(tmp_path: Path) -> None:
    store = ModuleStore(tmp_path)
    old = SecurityModule("https://a.example", "1", "甲", "M1", (PIN_1,))
    new = SecurityModule("https://a.example", "1", "甲", "M2", (PIN_1,))
    other = SecurityModule("https://b.example", "1", "甲", "M3", (PIN_1,))
    for module in (old, other, new):
        store.save(module)
    assert store.all() == [other, new]
