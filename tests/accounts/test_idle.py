"""Idle sessions on shared computers: a warning, and an end that needs no JavaScript (B15)."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import Session
from apps.accounts.sessions import TOUCH_EVERY
from apps.core import clock
from tests.support.logins import sit_down
from tests.support.world import make_institution, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    browser = Client()
    sit_down(browser, make_person(), make_institution())
    return browser


def last_seen(ago: timedelta) -> None:
    Session.objects.update(last_seen_at=clock.now() - ago)


def is_logged_in(browser: Client) -> bool:
    return browser.get("/my/").status_code == 200


def test_the_page_knows_how_long_the_session_certainly_lives(browser) -> None:
    page = browser.get("/my/").content.decode()
    certain = int((settings.SESSION_IDLE - TOUCH_EVERY).total_seconds())
    assert f'data-seconds="{certain}"' in page
    assert "js/idle" in page
    assert 'action="/stay/" data-stay' in page


def test_a_visitor_is_not_warned_of_anything() -> None:
    page = Client().get("/").content.decode()
    assert "js/idle" not in page
    assert 'id="idle"' not in page


def test_staying_keeps_the_session_alive(browser) -> None:
    last_seen(settings.SESSION_IDLE - timedelta(minutes=2))
    assert browser.post("/stay/").status_code == 204
    assert Session.objects.get().last_seen_at > clock.now() - timedelta(minutes=1)


def test_staying_needs_the_pages_own_form(browser) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post("/stay/").status_code == 403


def test_the_server_ends_an_idle_session_by_itself(browser) -> None:
    last_seen(settings.SESSION_IDLE - timedelta(seconds=5))
    assert is_logged_in(browser)
    last_seen(settings.SESSION_IDLE)
    assert browser.post("/stay/").status_code == 302
    assert not is_logged_in(browser)


def test_no_activity_outlives_the_absolute_limit(browser) -> None:
    Session.objects.update(expire_date=clock.now())
    assert browser.post("/stay/").status_code == 302
