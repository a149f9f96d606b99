"""Each menu says where one is: on the page of each entry, and on every page that lies below one."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.access.models import Entitlement, NetworkApplication, Service
from apps.access.terms import MembershipRole, NetworkState
from apps.core import clock
from apps.institutions.models import Institution
from apps.portal.navigation import ENTRY_OF, PAGES_OF_MANAGERS
from tests.matrix.cells import Row
from tests.matrix.rows import ALL_ROWS
from tests.matrix.world import World, rolled_back
from tests.support.auditing import make_auditor, search
from tests.support.institution import Clinic, browser_of, operator_browser
from tests.support.world import entitle, grant

pytestmark = pytest.mark.django_db

NAVIGATION = re.compile(r'<nav class="(site-nav|portal-tabs|portal-menu)"(.*?)</nav>', re.DOTALL)
ENTRY = re.compile(r'<a href="([^"]*)"(?: aria-current="(\w+)")?')
# Pages of the bar above, or of links within pages: no entry of a menu leads to them.
BESIDE = {
    *("my_account", "set_card_password", "report_lost_card", "check_components", "show_check"),
    *("log_in", "site_map", "look_up_code", "statement", "ask_own"),
}


def menus_of(page: Any) -> dict[str, list[tuple[str, str]]]:
    """Of each menu its links with what they say of themselves: "page", "true" or ""."""
    return {
        name: ENTRY.findall(inside) for name, inside in NAVIGATION.findall(page.content.decode())
    }


def marked(page: Any, menu: str = "site-nav") -> list[tuple[str, str]]:
    return [each for each in menus_of(page)[menu] if each[1]]


def of_manager() -> Client:
    clinic = Clinic()
    Institution.objects.update(has_emergency_department=True)
    for service in Service.objects.exclude(pk="VBK"):
        entitle(clinic.institution, service.pk)
    for each in Entitlement.objects.filter(institution=clinic.institution):
        grant(clinic.manager, each)
    return clinic.browser(clinic.manager)


PEOPLE = {
    "representative": lambda: Clinic().representative,
    "manager": of_manager,
    "operator": operator_browser,
    "auditor": make_auditor,
}


@pytest.mark.parametrize("person", PEOPLE)
def test_each_entry_is_marked_on_its_own_page_and_nowhere_else(person) -> None:
    browser = PEOPLE[person]()
    home = browser.get("/my/")
    assert marked(home) == [("/my/", "page")]
    entries = [path for path, _current in menus_of(home)["site-nav"]]
    assert len(entries) >= 3
    for path in entries:
        page = browser.get(path)
        assert page.status_code == 200, path
        if "site-nav" not in menus_of(page):  # the back office has its own
            continue
        found = marked(page)
        # The exception desk lies below the counter for whoever has both (booking/frame.html).
        below = path == "/booking/exceptions/" and found == [("/booking/", "true")]
        assert below or found == [(path, "page")]


def test_a_manager_has_every_entry(client) -> None:
    entries = menus_of(of_manager().get("/my/"))["site-nav"]
    assert len(entries) >= 1 + len(PAGES_OF_MANAGERS) + 4


@pytest.mark.parametrize("logged_in", [False, True])
def test_the_public_menus_mark_each_of_their_pages(logged_in) -> None:
    browser = of_manager() if logged_in else Client()
    menus = menus_of(browser.get("/contact/"))
    for menu in ("portal-tabs", "portal-menu"):
        for path, _current in menus[menu]:
            page = browser.get(path, follow=True)
            if menu in menus_of(page):  # the login and one's own log stand alone
                assert marked(page, menu) == [(path, "page")]
                other = {"portal-tabs": "portal-menu", "portal-menu": "portal-tabs"}[menu]
                assert marked(page, other) == []


def test_the_statements_at_the_foot_are_marked_too() -> None:
    page = Client().get("/statements/privacy/").content.decode()
    assert 'href="/statements/privacy/" aria-current="page"' in page
    assert page.split('class="portal-statements"')[1].count("aria-current") == 1


# --- pages below -----------------------------------------------------------------------------------


def test_the_result_of_a_search_belongs_to_the_access_log() -> None:
    clinic = Clinic()
    manager = clinic.browser(clinic.manager)
    period = {"since": f"{clock.today()}", "until": f"{clock.today()}"}
    page = manager.post("/oversight/own-log/", period, follow=True)
    assert re.fullmatch(r"/oversight/own-log/[0-9a-f-]{36}/", page.request["PATH_INFO"])
    assert marked(page) == [("/oversight/own-log/", "true")]


def test_pages_below_mark_the_entry_that_they_are_reached_from() -> None:
    clinic = Clinic()
    manager, representative = clinic.browser(clinic.manager), clinic.representative
    network = NetworkApplication.objects.create(
        institution=clinic.institution, requested_by=clinic.manager, state=NetworkState.APPROVED
    )
    user = clinic.membership(clinic.user).pk
    head = clinic.membership(clinic.manager, MembershipRole.MANAGER).pk
    for browser, path, entry in (
        (manager, "/access/users/add/", "/access/users/"),
        (manager, f"/access/users/{user}/end/", "/access/users/"),
        (manager, f"/access/networks/{network.pk}/end/", "/access/networks/"),
        (representative, "/access/managers/appoint/", "/access/managers/"),
        (representative, f"/access/managers/{head}/end/", "/access/managers/"),
    ):
        page = browser.get(path)
        assert (path, page.status_code) == (path, 200)
        assert marked(page) == [(entry, "true")]
    wrong = manager.post("/access/users/add/", {})
    assert (wrong.status_code, marked(wrong)) == (400, [("/access/users/", "true")])


def test_an_auditors_search_and_its_events_belong_to_the_access_log() -> None:
    auditor = make_auditor()
    page = search(auditor)
    assert urlsplit(page.request["PATH_INFO"]).path.count("/") == 4
    assert marked(page) == [("/oversight/log/", "true")]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), rolled_back():
        yield World()


SHOWN = [row for row in ALL_ROWS if row.method == "get" and ":" not in row.route]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.route) for row in SHOWN])
def test_every_page_with_a_menu_marks_one_entry_of_it(world: World, row: Row) -> None:
    """Also of routes that are yet to come: a new page stands in PAGES_BELOW, or in BESIDE with a reason."""
    for subject in row.expected():
        page = world.call(subject, row)
        is_page = page.status_code == 200 and page["Content-Type"].startswith("text/html")
        menus = {} if page.streaming or not is_page else menus_of(page)
        for menu in menus.keys() & {"site-nav"}:
            found = marked(page, menu)
            public = "portal-menu" in menus  # its own two menus say where one is
            expected = 0 if row.route in BESIDE or public else 1
            assert len(found) == expected, (subject, found)


def test_no_page_lies_below_an_entry_that_is_not_there() -> None:
    routes = {row.route for row in ALL_ROWS}
    assert set(ENTRY_OF) | set(ENTRY_OF.values()) <= routes


def test_a_manager_looks_at_a_refusal_and_still_knows_where() -> None:
    clinic = Clinic()
    page = browser_of(clinic.user, clinic.institution).get("/access/users/")
    assert page.status_code == 403
    assert marked(page) == []  # no entry of theirs leads there
