"""The thread in Firefox and in WebKit, which each have rules of their own for the way to loopback."""

import re

import pytest

from tests.browser.desk import CITIZEN_READER, PHONE, STAFF_READER
from tests.browser.people import PIN, Pharmacist, make_citizen
from tests.browser.stack import Stack
from tests.engines.engine import Engine

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NUMBER = re.compile(r"MO,AZ01-[0-9]{10}")
WRONG_PIN = "654321"


def page(name: str, code: str = "") -> str:
    return f'main[data-page="{name}"]' + (f'[data-code="{code}"]' if code else "")


def action(name: str) -> str:
    return f'[data-action="{name}"]'


def field(name: str) -> str:
    return f'[name="{name}"]'


def ask_to_log_in(engine: Engine, stack: Stack) -> None:
    engine.open(f"{stack.web}/log-in/")
    engine.click('[name="card_kind"][value="HPC"]')
    engine.click(action("log_in"))
    engine.expect(page("card_pin"))
    assert engine.url.startswith(stack.agent)


def type_pin(engine: Engine, pin: str) -> None:
    engine.type(field("pin"), pin)
    engine.click(action("submit_pin"))


def test_the_thread_runs_from_card_to_number(
    engine: Engine, stack: Stack, pharmacist: Pharmacist
) -> None:
    citizen = make_citizen(stack)
    stack.insert(pharmacist.card, reader=STAFF_READER)
    ask_to_log_in(engine, stack)
    type_pin(engine, WRONG_PIN)
    engine.expect(page("card_pin", "pin_wrong"))
    assert engine.url.startswith(stack.agent)
    type_pin(engine, PIN)
    engine.expect(page("my_home"))
    assert engine.url.startswith(stack.web)
    assert pharmacist.name in engine.text("header")

    stack.insert(citizen.card, reader=CITIZEN_READER)
    engine.click(action("open_service"))
    engine.expect(page("start_booking"))
    engine.key("F2")
    engine.expect(page("book_slot"))
    assert citizen.masked_id in engine.text("main")
    engine.type(field("phone"), PHONE)
    engine.click(field("consent"))
    engine.click(action("book_slot"))
    engine.expect(page("show_booking"))
    assert NUMBER.search(engine.text("main"))
    assert citizen.masked_id in engine.text("main")

    engine.click(action("log_out"))
    engine.expect(page("home"))
    engine.open(f"{stack.web}/booking/")
    engine.expect(page("log_in"))
