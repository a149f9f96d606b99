"""Addresses, forms and cookies that strangers make: nothing of them leads anywhere, and none is a fault."""

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import Session
from apps.cards.models import CardTransaction
from tests.cards.outsider import answer, code_in, make_colleague, make_counter
from tests.support.cards import (
    PkiCard,
    latest,
    log_in,
    refusal_code,
    show,
    start_log_in,
    transaction_of,
)
from tests.support.logins import Counter

pytestmark = pytest.mark.django_db
STEP_UP = {"service": "VBK", "next": "/booking/"}


@pytest.fixture
def counter() -> Counter:
    return make_counter()


@pytest.fixture
def colleague(counter: Counter) -> PkiCard:
    return make_colleague(counter)


@pytest.mark.parametrize(
    "more",
    [
        {"next": "https://evil.test/"},
        {"return_route": "https://evil.test/"},
        {"start_path": "//evil.test/"},
        {"purpose": "step_up", "person": "1"},
        {"institution": "5931020017"},
        {"workstation": "https://evil.test"},
        {"cards": "NHI"},
    ],
)
def test_parameters_that_the_start_page_does_not_ask_for_change_nothing(
    counter: Counter, more: dict[str, str]
) -> None:
    chosen = {"card_kind": "HPC", "reader_kind": "CHIP_READER"}
    started = counter.browser.post("/log-in/?next=https://evil.test/", chosen | more)
    if started.status_code == 400:  # a choice that is none is told so
        assert not CardTransaction.objects.exists()
        return
    made = latest()
    assert (made.purpose, made.return_route, made.start_path) == ("login", "my_home", "/log-in/")
    assert (made.cards, made.institution, made.person) == (["HPC"], None, None)
    back = show(counter.browser, counter.agent, transaction_of(started), card=counter.hpc)
    assert back["Location"] == "/my/"


@pytest.mark.parametrize("query", ["code=&code={0}", "code={0}&next=//evil.test/", "code={0}%00"])
def test_the_way_back_leads_nowhere_else_whatever_is_added(counter: Counter, query: str) -> None:
    way_back = answer(counter, start_log_in(counter.browser, "HPC"), card=counter.hpc)
    path, _, _ = way_back.partition("?")
    page = counter.browser.get(f"{path}?{query.format(code_in(way_back))}")
    assert page.status_code in {303, 410}
    assert page.headers.get("Location", "/my/") == "/my/"


@pytest.mark.parametrize("method", ["head", "post", "put", "delete", "options"])
def test_only_a_navigation_takes_the_code(counter: Counter, method: str) -> None:
    way_back = answer(counter, start_log_in(counter.browser, "HPC"), card=counter.hpc)
    assert getattr(counter.browser, method)(way_back).status_code == 405
    assert not Session.objects.exists()
    assert counter.browser.get(way_back).status_code == 303


ODD_IDS = [
    "%00",
    "x" * 300,
    "%E7%8E%8B",
    "..%2F..%2Flog-in",
    "'%20OR%201=1--",
    "%0d%0aSet-Cookie:x=1",
]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_id_that_is_none_of_ours_is_no_fault(counter: Counter, odd: str) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    for page in ("return?code=x", "password", "register", "institution", "check"):
        found = counter.browser.get(f"/cards/{odd}/{page}")
        assert found.status_code in {400, 403, 404, 410}
    body = {"agent": "x", "version": "0.1.0"}
    assert counter.agent.post(odd, "claim", body).status_code in {400, 403, 404, 410}
    assert counter.agent.post(odd, "result", {"agent": "x"}).status_code in {400, 403, 404, 410}


@pytest.mark.parametrize(
    "value", ['"\\000"', "x" * 4000, '"\\377"', "王".encode().decode("latin-1")]
)
def test_cookies_that_are_none_of_ours_are_no_fault(counter: Counter, value: str) -> None:
    start_log_in(counter.browser, "HPC")
    waiting = latest()
    browser = Client(headers={"cookie": "; ".join(
        f"{name}={value}"
        for name in (
            "ankang_card_last",
            "ankang_workstation",
            "ankang_reader",
            settings.SESSION_COOKIE_NAME,
            waiting.cookie_name,
        )
    )})  # fmt: skip
    assert browser.get("/log-in/").status_code == 200
    assert browser.get("/my/").status_code == 302
    assert refusal_code(browser.get(f"/cards/{waiting.id}/return?code=x")) == "CARD-OTHER-BROWSER"


@pytest.mark.parametrize(
    "page",
    [
        "/cards/a; Domain=evil.test/return",
        "/cards/a\r\nSet-Cookie: x=1/return",
        f"/cards/{'a' * 300}/return",
        "/cards/王/return",
        "/\\evil.test/",
        "/%2F/evil.test",
    ],
)
def test_a_step_up_puts_no_strange_path_into_a_cookie(counter: Counter, page: str) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    asked = counter.browser.post("/step-up/", STEP_UP | {"next": page})
    if len(page) > 200:
        assert asked.status_code == 400
        return
    assert asked.status_code == 303
    assert latest().start_path == "/my/"
    assert {morsel["path"] for morsel in asked.cookies.values()} <= {
        "/my/",
        f"/cards/{latest().id}/",
    }


def test_a_removal_of_nothing_is_no_fault(counter: Counter) -> None:
    for transaction in ("\x00", "x" * 500, ""):
        refused = counter.agent.remove(transaction)
        assert refusal_code(refused) == "CARD-EXPIRED"


# --- sessions ----------------------------------------------------------------------------------------


def test_a_planted_session_cookie_does_not_become_the_victims(
    counter: Counter, colleague: PkiCard
) -> None:
    """The attacker's own live session, planted before the victim logs in: the victim gets another one,
    and the attacker's is gone or still the attacker's alone.
    """
    attacker = Client()
    log_in(attacker, counter.agent, colleague)
    planted = attacker.cookies[settings.SESSION_COOKIE_NAME].value
    counter.browser.cookies[settings.SESSION_COOKIE_NAME] = planted
    log_in(counter.browser, counter.agent, counter.hpc)
    mine = counter.browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert mine != planted
    home = attacker.get("/my/")
    assert home.status_code == 302 or "陳怡君" not in home.content.decode()


def test_a_login_that_a_foreign_page_started_logs_in_only_whose_card_is_shown(
    counter: Counter,
) -> None:
    """Login CSRF needs the form's secret; and what it would start is a login by the own card."""
    strict = Client(enforce_csrf_checks=True)
    strict.get("/log-in/")
    foreign = strict.post(
        "/log-in/",
        {"card_kind": "HPC", "csrfmiddlewaretoken": "x" * 64},
        headers={"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
    )
    assert (foreign.status_code, refusal_code(foreign)) == (403, "ANK-CSRF")
    assert not CardTransaction.objects.exists()
