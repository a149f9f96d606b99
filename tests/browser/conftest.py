"""Chromium, the running stack, and a desk in front of it. Each test gets fresh browsers and empty readers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.people import Pharmacist, enlarge_slots, make_pharmacist
from tests.browser.stack import Stack, running_stack
from tests.browser.watching import Watch

SCREEN = {"width": 1366, "height": 768}
# Reduced motion: axe would measure the contrast of a button half way between two colours.
COUNTER: dict[str, Any] = {"viewport": SCREEN, "locale": "zh-TW", "reduced_motion": "reduce"}
# Chromium itself must not talk to anyone either: the watch sees pages only.
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def stack(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any, django_test_environment: None
) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack"), django_db_blocker) as running:
        enlarge_slots(running)
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Per module: while it runs, Playwright's event loop runs in the thread of all other tests too."""
    from shutil import which

    as_root = ["--no-sandbox"] if os.getuid() == 0 else []
    program = next((found for name in BROWSERS if (found := which(name))), None)
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *as_root])
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    watching = Watch()
    yield watching
    assert not watching.complaints(), "\n".join(["", *watching.complaints()])


@pytest.fixture
def new_page(chromium: Browser, stack: Stack, watch: Watch) -> Iterator[NewPage]:
    """`new_page()` is a browser of its own: no cookie shared, everything watched."""
    opened: list[BrowserContext] = []

    def make(language: str = "zh-hant", **options: Any) -> Page:
        context = chromium.new_context(**COUNTER | options)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "ankang_language", "value": language, "url": stack.web}])
        watch.follow(context)
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def page_en(new_page: NewPage) -> Page:
    return new_page("en")


@pytest.fixture(autouse=True)
def readers(stack: Stack) -> Iterator[None]:
    """Whatever a test left in the readers is taken out, and its cards leave the folder."""
    before = set(stack.cards.iterdir())
    yield
    for agent in (stack.agent, stack.hospital):
        for reader in (STAFF_READER, CITIZEN_READER):
            stack.remove(reader=reader, agent=agent)
    for card in set(stack.cards.iterdir()) - before:
        card.unlink()


@pytest.fixture
def desk(stack: Stack, page: Page) -> Desk:
    return Desk(stack, page)


@pytest.fixture
def desk_en(stack: Stack, page_en: Page) -> Desk:
    return Desk(stack, page_en)


@pytest.fixture
def pharmacist(stack: Stack) -> Pharmacist:
    return make_pharmacist(stack)


@pytest.fixture
def counter(desk: Desk, pharmacist: Pharmacist) -> Desk:
    """A pharmacist who is logged in."""
    return desk.log_in_as(pharmacist)


@pytest.fixture
def counter_en(desk_en: Desk, pharmacist: Pharmacist) -> Desk:
    return desk_en.log_in_as(pharmacist)
