"""An urgent announcement is shown at once and confirmed afterwards (docs/adr/0008)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.access.models import Proposal, Service
from apps.access.services import proposals
from apps.access.services.proposals import WaitsAlready
from apps.access.services.unified import OwnDraft
from apps.access.terms import ProposalState
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.errors import Denied, Invalid, NotFound
from apps.portal.models import Announcement, Link
from apps.portal.urgent import TooLong, announce_urgently
from tests.support.institution import operator_browser
from tests.support.world import make_operator

pytestmark = pytest.mark.django_db

ADD = "/backoffice/portal/announcement/add/"


def fields(**more: str) -> dict[str, str]:
    today = clock.today()
    return {
        "board": "NEWS",
        "title": "系統異常",
        "body": "搶修中",
        "shown_from": f"{today}",
        "shown_until": f"{today + timedelta(days=2)}",
    } | more


def announce(browser: Client) -> Proposal:
    answer = browser.post(ADD, fields(_urgent="1"))
    assert answer.status_code == 302, answer.context["errors"]
    return Proposal.objects.get()


def home() -> str:
    return Client().get("/").content.decode()


def operator() -> Actor:
    return Actor(person=make_operator().pk, role="OPERATOR")


def test_it_is_shown_at_once_above_the_others_and_waits_for_confirmation(events) -> None:
    browser = operator_browser()
    Announcement.objects.create(title="一般公告", body="x", shown_from="2026-01-01")
    made = announce(browser)
    assert made.state == ProposalState.URGENT
    page = home()
    assert page.index("data-urgent") < page.index("系統異常") < page.index("一般公告")
    assert [each["action"] for each in events()][-2:] == ["publish_at_once", "add_record"]
    first_page = browser.get("/backoffice/").content.decode()
    assert "state__exact=URGENT" in first_page


def test_a_second_operator_confirms_and_nobody_else(events) -> None:
    first, second = operator_browser(), operator_browser("周大同")
    made = announce(first)
    path = f"/backoffice/access/proposal/{made.pk}/"
    assert "confirm_change" in second.get(f"{path}change/").content.decode()
    first.post(f"{path}confirm-change/")
    made.refresh_from_db()
    assert made.state == ProposalState.URGENT
    assert events()[-1]["reason"] == "maker_is_checker"
    second.post(f"{path}confirm-change/")
    made.refresh_from_db()
    assert made.state == ProposalState.PUBLISHED
    assert "系統異常" in home()
    assert "state__exact=URGENT" not in first.get("/backoffice/").content.decode()
    with pytest.raises(NotFound):
        proposals.take_back_change(proposal=made.pk, by=operator())


def test_also_its_author_takes_it_back_at_once(events) -> None:
    browser = operator_browser()
    made = announce(browser)
    browser.post(f"/backoffice/access/proposal/{made.pk}/take-back-change/")
    assert "系統異常" not in home()
    assert not Announcement.objects.exists()
    made.refresh_from_db()
    assert made.state == ProposalState.WITHDRAWN
    assert {"remove_record", "withdraw_change"} <= {each["action"] for each in events()}


def test_while_it_waits_nobody_drafts_over_it() -> None:
    browser = operator_browser()
    made = announce(browser)
    text = Announcement.objects.get()
    for page in ("change", "delete"):
        answer = browser.get(f"/backoffice/portal/announcement/{text.pk}/{page}/")
        assert answer["Location"] == f"/backoffice/access/proposal/{made.pk}/change/"
    text.title = "別的"
    with pytest.raises(WaitsAlready):
        proposals.propose_change(record=text, by=operator())


@pytest.mark.parametrize("days", [None, -1, 8])
def test_it_needs_an_end_within_seven_days(days: int | None) -> None:
    until = "" if days is None else f"{clock.today() + timedelta(days=days)}"
    first = f"{clock.today() - timedelta(days=9)}"
    page = operator_browser().post(ADD, fields(shown_from=first, shown_until=until, _urgent="1"))
    assert page.status_code == 200
    assert "TXT-URGENT" in page.content.decode()
    assert not Announcement.objects.exists()
    text = Announcement(title="甲", body="乙", shown_until=None)
    with pytest.raises(TooLong):
        announce_urgently(announcement=text, by=operator())


def test_what_begins_later_begins_today_when_it_is_urgent() -> None:
    later = f"{clock.today() + timedelta(days=1)}"
    operator_browser().post(ADD, fields(shown_from=later, _urgent="1"))
    assert Announcement.objects.get().shown_from == clock.today()


# --- nothing else gets through this door ---------------------------------------------------------


def test_without_the_urgent_button_it_is_a_draft() -> None:
    operator_browser().post(ADD, fields())
    assert Proposal.objects.get().state == ProposalState.DRAFT
    assert not Announcement.objects.exists()


def _service() -> Any:
    service = Service.objects.get(pk="VBK")
    service.enabled = False
    return service


@pytest.mark.parametrize("record", [lambda: Link(name="x", address="https://x.org/"), _service])
def test_rules_and_other_texts_stay_four_eyes(record) -> None:
    with pytest.raises(Denied):
        proposals.publish_at_once(record=record(), by=operator())


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("link/add/", {"name": "x", "address": "https://x.org/", "position": "0"}),
        ("question/add/", {"question": "x", "answer": "y", "position": "0"}),
    ],
)
def test_the_buttons_name_in_another_form_does_nothing(path, data) -> None:
    operator_browser().post(f"/backoffice/portal/{path}", data | {"_urgent": "1"})
    assert Proposal.objects.get().state == ProposalState.DRAFT


def test_an_announcement_that_is_there_is_changed_by_two_operators_only() -> None:
    text = Announcement.objects.create(title="舊", body="x", shown_from=clock.today())
    path = f"/backoffice/portal/announcement/{text.pk}/change/"
    browser = operator_browser()
    assert "_urgent" not in browser.get(path).content.decode()
    browser.post(path, fields(_urgent="1"))
    assert Proposal.objects.get().state == ProposalState.DRAFT
    with pytest.raises(Invalid):
        proposals.publish_at_once(record=text, by=operator())
    text.refresh_from_db()
    assert text.title == "舊"


def test_the_deeds_of_drafts_and_of_urgent_ones_are_not_exchanged() -> None:
    made = announce(operator_browser())
    for deed in (proposals.publish_change, proposals.withdraw_change):
        with pytest.raises(NotFound):
            deed(proposal=made.pk, by=operator())
    assert Announcement.objects.exists()
    draft = proposals.propose_change(record=Link(name="x", address="https://x.org/"), by=operator())
    assert draft is not None
    for deed in (proposals.confirm_change, proposals.take_back_change):
        with pytest.raises(NotFound):
            deed(proposal=draft.pk, by=operator())


def test_the_database_too_refuses_the_same_operator_twice() -> None:
    made = announce(operator_browser())
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(published_by=made.made_by)
    with pytest.raises(OwnDraft):
        proposals.confirm_change(proposal=made.pk, by=Actor(person=made.made_by_id))
