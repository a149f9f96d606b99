"""Every page of the thread, in both languages: axe, our own DOM rules, narrow screens, screenshots."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.browser import rules
from tests.browser.conftest import NewPage
from tests.browser.stack import Stack
from tests.browser.tour import Stop, Tour

ARTIFACTS = Path(__file__).resolve().parent.parent.parent / "test-artifacts"
LANGUAGES = ("zh-hant", "en")
PHONE = {"width": 390, "height": 844}
NARROWEST = 320


@dataclass
class Findings:
    """What is wrong, by page; empty lists are not kept."""

    wrong: dict[str, list[str]] = field(default_factory=dict)

    def add(self, stop: Stop, found: list[str]) -> None:
        if found:
            self.wrong.setdefault(stop.name, []).extend(found)

    def report(self) -> str:
        lines = (f"{name}: {each}" for name, found in self.wrong.items() for each in found)
        return "\n" + "\n".join(lines)


def _shoot(stop: Stop, language: str) -> None:
    """test-artifacts/ is for eyes: nothing is compared with it."""
    ARTIFACTS.mkdir(exist_ok=True)
    screen = stop.page.viewport_size
    stop.page.screenshot(path=ARTIFACTS / f"{stop.name}-{language}-1366.png")
    if language == "zh-hant":
        stop.page.set_viewport_size(PHONE)
        stop.page.screenshot(path=ARTIFACTS / f"{stop.name}-{language}-390.png", full_page=True)
    if screen:
        stop.page.set_viewport_size(screen)


def _names(stop: Stop, language: str) -> list[str]:
    """`data-page`, `lang` (in any case, BCP 47), and exactly one heading of the first rank."""
    html = stop.page.locator("html").get_attribute("lang") or ""
    wrong = [] if html.lower().startswith(language) else [f"lang is {html!r}"]
    if stop.data_page is not None:
        shown = stop.page.locator("main").get_attribute("data-page")
        wrong += [] if shown == stop.data_page else [f"data-page is {shown!r}"]
        headings = stop.page.locator("h1").count()
        wrong += [] if headings == 1 else [f"{headings} h1"]
    return wrong


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_keeps_the_rules(stack: Stack, new_page: NewPage, language: str) -> None:
    findings = Findings()
    for stop in Tour(stack, new_page, language).walk():
        examine(stop, language, findings)
    assert not findings.wrong, findings.report()


def examine(stop: Stop, language: str, findings: Findings) -> None:
    """All rules for one page, and its picture."""
    findings.add(stop, _names(stop, language))
    findings.add(stop, rules.axe_violations(stop.page, admin=stop.admin))
    findings.add(stop, rules.broken_rules(stop.page))
    if not stop.admin:
        findings.add(stop, rules.small_targets(stop.page))
        findings.add(stop, rules.too_wide(stop.page, PHONE["width"]))
        findings.add(stop, rules.too_wide(stop.page, NARROWEST))
    _shoot(stop, language)
