"""The session table: one SELECT, revocable at once, keys that nobody can read out of it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from time_machine import travel

from apps.accounts.models import Person, Session
from apps.accounts.sessions import SessionStore, digest
from apps.accounts.tasks import clear_sessions
from apps.core import clock
from apps.portal.contacts import help_desk
from tests.support.world import Pharmacy, session_columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture
def browser(world: Pharmacy) -> Client:
    """Logged in as the pharmacist."""
    store = SessionStore()
    store.open(**session_columns(world.pharmacist, institution_id=world.institution.pk))
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client


def is_logged_in(browser: Client) -> bool:
    return browser.get("/my/").status_code == 200


def test_a_session_and_its_person_are_one_select(browser, django_assert_num_queries) -> None:
    store = SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    with django_assert_num_queries(1):
        assert store.record.person.name == "陳怡君"


def test_a_visitor_costs_no_query_and_leaves_no_row(django_assert_num_queries) -> None:
    help_desk()  # each process remembers it for a minute
    # The ways to log in and the demo's computers; none for the visitor.
    with django_assert_num_queries(2):
        response = Client().get("/log-in/")
    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert not Session.objects.exists()


def test_the_table_holds_no_key(browser) -> None:
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    session = Session.objects.get()
    assert session.session_key == digest(key) != key
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert not is_logged_in(stolen)


def test_deleting_the_row_ends_the_session_at_the_next_click(browser) -> None:
    assert is_logged_in(browser)
    Session.objects.all().delete()
    response = browser.get("/my/")
    assert response["Location"].startswith("/log-in/")
    assert response.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 0


def test_a_person_who_left_is_out_at_the_next_click(browser) -> None:
    Person.objects.update(is_active=False)
    assert not is_logged_in(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"last_seen_at": -settings.SESSION_IDLE},
        {"expire_date": timedelta(0)},
    ],
    ids=["idle for 30 minutes", "open for 8 hours"],
)
def test_limits(browser, changes) -> None:
    at = {name: clock.now() + distance for name, distance in changes.items()}
    Session.objects.update(**at)
    assert not is_logged_in(browser)


@pytest.mark.parametrize("later", [settings.SESSION_IDLE, timedelta(hours=9), timedelta(days=40)])
def test_f15_a_clock_set_back_revives_no_session(browser, later) -> None:
    """Forward, noticed, and back: also over New Year, and with a cookie that somebody kept."""
    kept = browser.cookies[settings.SESSION_COOKIE_NAME].value
    before = clock.now()
    with travel(before + later, tick=False):
        assert not is_logged_in(browser)
    with travel(before, tick=False):
        browser.cookies[settings.SESSION_COOKIE_NAME] = kept
        assert not is_logged_in(browser)


def test_a_click_keeps_the_session_awake_at_most_once_a_minute(browser) -> None:
    before = clock.now() - timedelta(minutes=5)
    Session.objects.update(last_seen_at=before)
    is_logged_in(browser)
    seen = Session.objects.get().last_seen_at
    assert seen > before
    is_logged_in(browser)
    assert Session.objects.get().last_seen_at == seen


def test_opening_a_session_ends_the_browsers_former_one(world) -> None:
    store = SessionStore()
    store.open(**session_columns(world.pharmacist))
    first = store.session_key
    store.open(**session_columns(world.pharmacist))
    assert store.session_key != first
    assert Session.objects.count() == 1


def test_data_survive_between_requests_and_not_between_logins(world) -> None:
    store = SessionStore()
    store.open(**session_columns(world.pharmacist))
    store["note"] = "mine"
    store.save()
    assert SessionStore(store.session_key)["note"] == "mine"
    store.open(**session_columns(world.pharmacist))
    assert "note" not in store


def test_retention_removes_what_is_over(browser) -> None:
    clear_sessions()
    assert Session.objects.count() == 1
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    clear_sessions()
    assert not Session.objects.exists()
