"""Emergency downtime in the browser (FEATURES F9): the application loses the right to append, for real.

Login, card, alert and tab go on, flagged in the person's language; another service stops; afterwards the
journal is brought in and an auditor closes the case.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from playwright.sync_api import expect

from config.supervisor.places import PROJECT
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import AUDITOR
from tests.browser.stack import DATABASE, Stack
from tests.browser.test_auditors import shoot, wrong_with
from tests.browser.test_emergency import PHYSICIAN, TSENG, Bedside
from tests.browser.test_emergency import wrong as wrong_at_bedside
from tests.browser.watching import Watch

SAYS = {"zh-hant": "緊急應變作業", "en": "Emergency downtime"}
STOPPED = {"zh-hant": "緊急醫療查詢", "en": "The emergency medical query goes on"}


@contextmanager
def log_down(stack: Stack) -> Iterator[None]:
    """Nobody may append; put right again whatever happens."""
    with psycopg.connect(
        stack.env["DATABASE_ADMIN_URL"], dbname=DATABASE, autocommit=True
    ) as admin:
        admin.execute("REVOKE EXECUTE ON FUNCTION audit.append(jsonb) FROM ankang_app")
        try:
            yield
        finally:
            admin.execute("GRANT EXECUTE ON FUNCTION audit.append(jsonb) TO ankang_app")


def bring_in(stack: Stack) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "audit_bring_in"],
        env={**os.environ, **stack.env},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_imq_goes_on_flagged_and_is_reviewed_afterwards(
    stack: Stack, new_page: NewPage, watch: Watch, language: str
) -> None:
    watch.allow("status of 503")  # the other service's refusal
    desk = Bedside(stack, new_page(language))
    wrong = {}
    with log_down(stack):
        desk.log_in(PHYSICIAN)
        desk.ask(TSENG)
        wrong["alert"] = wrong_with(desk.page)
        desk.close_alert().settled()
        expect(desk.page.locator("[data-downtime]")).to_contain_text(SAYS[language])
        expect(
            desk.page.locator('table[data-table="cloud_medication"] tbody tr').first
        ).to_be_visible()
        wrong["tab"] = wrong_at_bedside(desk.page)
        shoot(desk.page, f"downtime-tab-{language}")
        other = Desk(stack, new_page(language)).log_in("hpc-chen")
        other.open("/travel/").field("national_id").fill(TSENG)
        other.click("query_records").expect_page("show_travel_history", "AUD-503")
        expect(other.page.locator('main[data-code="AUD-503"]')).to_contain_text(STOPPED[language])
        wrong["stopped"] = wrong_with(other.page)
        shoot(other.page, f"downtime-stopped-{language}")
    assert "events were brought in" in bring_in(stack)
    flag(stack)
    auditor = Desk(stack, new_page(language)).log_in(AUDITOR, "CITIZEN")
    auditor.open("/oversight/cases/?rule=downtime").expect_page("list_cases")
    auditor.page.keyboard.press("Alt+n")
    auditor.expect_page("show_case")
    wrong["case"] = wrong_with(auditor.page)
    shoot(auditor.page, f"downtime-case-{language}")
    auditor.field("finding").select_option("EXPLAINED")
    auditor.page.locator("#close_text").fill("停機期間之急診查詢")
    auditor.click("close_case").expect_page("show_case")
    expect(auditor.page.locator('[data-action="close_case"]')).to_have_count(0)
    assert not any(wrong.values()), wrong


def flag(stack: Stack) -> None:
    """What the worker does every five minutes."""
    from apps.oversight.models import ReviewRule
    from apps.oversight.services.flagging import find_flags
    from tests.support.world import BY

    with stack.database():
        others = ReviewRule.objects.exclude(code="downtime")
        on = list(others.filter(enabled=True).values_list("pk", flat=True))
        others.update(enabled=False)
        try:
            assert find_flags(by=BY) > 0
        finally:
            others.filter(pk__in=on).update(enabled=True)
