"""Every refusal is a page with a code, a sentence and a way on; programs get the same as JSON."""

import pytest
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from django.urls import path
from django.utils import translation

from apps.access.guards import Open, guard
from apps.core.errors import Denied, Refusal, SignInNeeded, Unavailable
from apps.portal.refusals import refusal_page
from config import urls as product
from config.urls import (  # noqa: F401  this module stands in for it below
    handler400,
    handler403,
    handler404,
    handler500,
)
from tests.support.counter import Counter, code_of, page_of

pytestmark = pytest.mark.django_db


@guard(Open())
def break_down(request):
    raise RuntimeError("a fault")


urlpatterns = [*product.urlpatterns, path("break-down/", break_down, name="break_down")]


def show(refusal: Refusal, **headers: str) -> object:
    request = RequestFactory().get("/somewhere/", headers=headers)
    request.resolver_match = None
    with translation.override("zh-hant"):
        return refusal_page(request, refusal)


@pytest.mark.parametrize(
    ("refusal", "heading"),
    [
        (Denied(), "您無法使用此功能"),
        (SignInNeeded(), "請先登入"),
        (Refusal(), "本次作業未完成"),
        (Unavailable(), "服務暫時無法使用"),
    ],
)
def test_refusal_page_says_what_why_and_how_to_go_on(refusal, heading) -> None:
    page = show(refusal)
    html = page.content.decode()
    assert page.status_code == refusal.status
    assert f"<h1>{heading}</h1>" in html
    assert str(refusal.code) == code_of(page)
    assert 'class="btn btn-primary"' in html
    assert "02-7735-2992" in html


def test_program_gets_json() -> None:
    page = show(Denied(), Accept="application/json")
    assert page["Content-Type"] == "application/json"
    assert b'"code": "ANK-403"' in page.content


def test_time_to_wait_stands_in_the_header() -> None:
    assert show(Refusal(detail={"retry_after": 30}))["Retry-After"] == "30"


def test_unknown_address_is_a_page_with_a_code() -> None:
    page = Client().get("/nowhere/")
    assert (page.status_code, code_of(page), page_of(page)) == (404, "ANK-404", "refusal")


@pytest.mark.parametrize("address", ["/agent/v1/nowhere", "/his/v1/nowhere"])
def test_unknown_address_of_a_machine_is_json(address) -> None:
    answer = Client().get(address)
    assert answer.status_code == 404
    assert answer.json()["code"] == "ANK-404"


def test_form_from_elsewhere_is_refused_with_a_way_on() -> None:
    page = Client(enforce_csrf_checks=True).post("/log-in/", {"card_kind": "HPC"})
    assert (page.status_code, code_of(page)) == (403, "ANK-CSRF")


@override_settings(ROOT_URLCONF=__name__)
def test_fault_is_a_page_that_asks_the_database_nothing(django_assert_num_queries) -> None:
    counter = Counter()
    counter.browser.raise_request_exception = False
    with django_assert_num_queries(1):  # the session, before the fault
        page = counter.browser.get("/break-down/")
    assert (page.status_code, code_of(page)) == (500, "ANK-500")
    assert "健全藥局" not in page.content.decode()
