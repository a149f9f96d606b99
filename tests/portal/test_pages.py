"""The public home, a person's own home, the language switch and the probes."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from apps.access.terms import MembershipRole
from tests.support.counter import Counter, page_of
from tests.support.world import make_member

pytestmark = pytest.mark.django_db

FRAME = (
    "bootstrap/css/bootstrap.min.css",
    "css/ankang.css",
    "css/portal.css",
    "css/print.css",
    "django_htmx/htmx-2.min.js",
    "js/ankang.js",
)


def test_home_offers_the_login_and_whom_to_call() -> None:
    page = Client().get("/")
    html = page.content.decode()
    assert (page.status_code, page_of(page)) == (200, "home")
    assert 'href="/log-in/" data-action="log_in"' in html
    assert "02-7735-2992" in html
    assert "安康醫事機構服務平台" in html


def test_home_of_somebody_logged_in_is_their_own() -> None:
    assert Counter().browser.get("/")["Location"] == "/my/"


def test_my_home_lists_the_services_of_this_person_here() -> None:
    html = Counter().browser.get("/my/").content.decode()
    assert 'data-table="services"' in html
    assert html.count('data-action="open_service"') == 1
    assert 'href="/booking/"' in html
    assert "健全藥局（59" in html


def test_my_home_without_a_grant_says_whom_to_ask() -> None:
    counter = Counter()
    type(counter.grant).objects.all().delete()
    html = counter.browser.get("/my/").content.decode()
    assert 'data-action="open_service"' not in html
    assert "請洽貴機構的機構管理者辦理授權。" in html


def test_my_home_of_a_manager_offers_the_pages_of_managers() -> None:
    counter = Counter()
    assert 'data-action="open_page"' not in counter.browser.get("/my/").content.decode()
    make_member(counter.institution, counter.person, role=MembershipRole.MANAGER)
    html = counter.browser.get("/my/").content.decode()
    assert 'href="/access/users/" data-action="open_page"' in html
    assert 'href="/access/authorization/" data-action="open_page"' in html


def test_my_home_needs_a_login() -> None:
    assert Client().get("/my/")["Location"].startswith("/log-in/")


def test_language_switch_returns_to_the_same_page_in_the_other_language() -> None:
    browser = Client()
    answer = browser.post("/language/", {"language": "en", "next": "/site-map/"})
    assert (answer.status_code, answer["Location"]) == (303, "/site-map/")
    assert '<html lang="en">' in browser.get("/site-map/").content.decode()


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:1", ""])
def test_language_switch_never_leaves_the_site(target) -> None:
    answer = Client().post("/language/", {"language": "en", "next": target})
    assert answer["Location"] == "/"


def test_unknown_language_changes_nothing() -> None:
    browser = Client()
    browser.post("/language/", {"language": "fr", "next": "/"})
    assert '<html lang="zh-Hant-TW">' in browser.get("/").content.decode()


def test_browser_preference_does_not_change_the_language() -> None:
    page = Client().get("/", headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hant-TW">' in page.content.decode()


def test_probes_answer_in_json() -> None:
    assert Client().get("/healthz").json() == {"alive": True}
    ready = Client().get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()["checks"]) == {"database", "redis", "audit_partitions"}


def test_not_ready_without_redis(settings) -> None:
    settings.CACHES = {"default": {"LOCATION": "redis://127.0.0.1:1"}}
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] is False
    assert answer.json()["checks"]["database"] is True


def test_css_and_js_stay_below_80_kilobytes_compressed() -> None:
    files = [Path(finders.find(name)) for name in FRAME]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 80_000


@pytest.mark.parametrize("path", ["/", "/computer-setup/", "/card-component/", "/contact/"])
def test_pages_name_no_other_host(path) -> None:
    html = Client().get(path).content.decode()
    addresses = {part.split('"')[0] for part in html.split('="http')[1:]}
    assert addresses <= {settings.AGENT_ORIGIN.removeprefix("http") + "/"}


def test_pages_load_nothing_from_another_host() -> None:
    html = Client().get("/links/").content.decode()
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', html)
    assert loaded
    assert all(address.startswith("/") for address in loaded)
