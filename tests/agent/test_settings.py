"""The manual's settings in a running agent: saved, refused, and what each of them does."""

import threading

import pytest

from tests.agent.browser import code_of, page_of
from tests.agent.conftest import Workstation

ON, OFF = "ENABLE", "DISABLE"
DEFAULTS = {"HPCFASTAUTH": OFF, "CSWATCH": OFF, "CSREMOTE": OFF, "CLSCSFSIM": ON}
READER = "Virtual reader 1"


def test_the_settings_are_saved_under_the_manuals_names(workstation: Workstation) -> None:
    page = workstation.browser.open("/settings")
    assert page_of(page) == "settings"
    for name in DEFAULTS:
        assert f'name="{name}"' in page.text
    chosen = DEFAULTS | {"HPCFASTAUTH": ON, "READER_NHI": READER, "READER_HPC": ""}
    saved = workstation.browser.submit("/settings", chosen)
    assert saved.headers["location"] == "/settings?saved=1"
    assert workstation.agent.options.read().hpcfastauth
    assert workstation.agent.options.read().reader_nhi == READER
    assert "data-saved" in workstation.browser.open("/settings?saved=1").text


def test_fast_authentication_and_remote_mode_together_are_refused_and_nothing_is_lost(
    workstation: Workstation,
) -> None:
    both = DEFAULTS | {"HPCFASTAUTH": ON, "CSREMOTE": ON, "CSWATCH": ON}
    page = workstation.browser.follow(workstation.browser.submit("/settings", both))
    assert (page.status_code, code_of(page)) == (422, "options_conflict")
    assert page.text.count('value="ENABLE" checked') == 4
    assert not workstation.agent.options.path.exists()


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("value", ["", "YES"])
def test_a_setting_that_cannot_be_meant_saves_nothing(
    workstation: Workstation, name: str, value: str
) -> None:
    answer = workstation.browser.submit("/settings", DEFAULTS | {name: value})
    assert workstation.browser.follow(answer).status_code == 400
    assert not workstation.agent.options.path.exists()


def test_a_line_of_the_file_that_cannot_be_meant_is_shown(workstation: Workstation) -> None:
    (workstation.agent.settings.home / "csdll.ini").write_text("CSWATCH=YES\n")
    assert 'data-code="option_mistake"' in workstation.browser.open("/settings").text


def test_cswatch_opens_and_closes_the_window_with_the_lights(workstation: Workstation) -> None:
    assert code_of(workstation.browser.open("/lights")) == "watch_off"
    assert 'data-action="open_lights"' not in workstation.browser.open("/").text
    workstation.browser.submit("/settings", DEFAULTS | {"CSWATCH": ON})
    workstation.browser.insert("nhi-wang")
    lights = workstation.browser.open("/lights")
    assert page_of(lights) == "lights"
    assert 'data-light="nhi" data-state="0"' not in lights.text
    assert 'data-action="open_lights"' in workstation.browser.open("/").text


def test_csremote_decides_whether_a_remote_session_may_use_cards(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Virtual cards stand for real ones here: those are no readers of a computer far away."""
    monkeypatch.setenv("XRDP_SESSION", "1")
    monkeypatch.setattr(type(workstation.agent.backend), "virtual", False)
    workstation.browser.insert("nhi-wang")
    asked = workstation.server.start(cards=["NHI"], reading=True)
    refused = workstation.browser.open_card(asked)
    assert (refused.status_code, code_of(refused)) == (409, "remote_session_off")
    workstation.browser.submit("/settings", DEFAULTS | {"CSREMOTE": ON})
    assert workstation.browser.open_card(asked).status_code == 303


@pytest.mark.parametrize(("clscsfsim", "ends"), [(ON, False), (OFF, True)])
def test_clscsfsim_decides_what_closing_the_console_leaves(
    workstation: Workstation, clscsfsim: str, ends: bool
) -> None:
    stopped = threading.Event()
    workstation.agent.life.stop = stopped.set
    workstation.browser.submit("/settings", DEFAULTS | {"CLSCSFSIM": clscsfsim})
    closing = workstation.browser.submit("/close", {"from": "console"})
    assert not stopped.is_set()  # before its last page
    assert code_of(workstation.browser.follow(closing)) == "console_closed"
    assert stopped.wait(2 if ends else 0) is ends
    for path in ("/", "/settings", "/card?transaction=" + "x" * 43):
        assert workstation.browser.open(path).status_code == 503
    his = workstation.browser.http.post(
        "/his/hisGetBasicData",
        json={},
        headers={"Authorization": f"Bearer {workstation.agent.his_token}"},
    )
    assert his.status_code == 200
    assert workstation.browser.submit("/open", {"from": "closed"}).status_code == 303
    assert workstation.browser.open("/").status_code == 200
