"""The rules of review and retention, and how old a revocation list may be, change by four eyes (A14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from apps.access.models import Proposal
from apps.access.reviewing import ReviewedAdmin
from apps.access.services import proposals
from apps.access.terms import ProposalState
from apps.audit.actors import Actor
from apps.audit.models import AnswerCount
from apps.cards.models import RevocationList
from apps.core import clock
from apps.core.errors import Invalid
from apps.oversight.models import LogSearch, RetentionRule, ReviewRule
from tests.support.auditing import make_auditor, search
from tests.support.institution import operator_browser
from tests.support.world import make_operator

pytestmark = pytest.mark.django_db

REVIEW, RETENTION = ReviewRule, RetentionRule


@pytest.fixture
def watched() -> RevocationList:
    made_at = clock.now() - timedelta(hours=1)
    return RevocationList.objects.create(
        issuer="0" * 64,
        name="醫事憑證",
        certificate="x",
        address="https://list.example/hpc.crl",
        made_at=made_at,
        due_at=made_at + timedelta(days=30),
    )


@pytest.fixture(params=["review", "retention", "revocations"])
def rule(request, watched) -> Any:
    """A record, what is typed into its form, the column that changes, and its new value."""
    return {
        "review": ("reviewrule", ReviewRule(pk="no_card"), {"limit": "45"}, ("limit", 45)),
        "retention": ("retentionrule", RetentionRule(pk="booking_phones"), {"days": "45"}, ("days", 45)),
        "revocations": ("revocationlist", watched, {"grace": "48"}, ("grace", timedelta(hours=48))),
    }[request.param]  # fmt: skip


class Form:
    """The form of one record in an operator's browser, as it was opened."""

    def __init__(self, browser: Client, record: Model) -> None:
        meta = record._meta
        self.browser = browser
        self.path = f"/backoffice/{meta.app_label}/{meta.model_name}/{record.pk}/change/"
        page = browser.get(self.path)
        form = page.context["adminform"].form
        shown = {name: form[name].value() for name in form.fields}
        self.page = page.content.decode()
        self.opened = {"opened": page.context["opened"]} | {
            name: "on" if value is True else str(value)
            for name, value in shown.items()
            if value not in (None, False)
        }

    def send(self, **typed: str) -> Any:
        return self.browser.post(self.path, self.opened | typed)


def value_of(record: Model, column: str) -> Any:
    return getattr(type(record)._base_manager.get(pk=record.pk), column)


def press(browser: Client, deed: str) -> str:
    """What the draft's page says after a button was pressed there."""
    made = Proposal.objects.order_by("-made_at").first()
    assert made is not None
    path = f"/backoffice/access/proposal/{made.pk}/"
    assert browser.post(f"{path}{deed}/").status_code == 302
    return browser.get(f"{path}change/").content.decode()


def test_one_operator_drafts_and_another_publishes(rule, events) -> None:
    _name, record, typed, (column, value) = rule
    first, second = operator_browser("林怡君"), operator_browser("周大同")
    before = value_of(record, column)
    assert Form(first, record).send(**typed).status_code == 302
    assert value_of(record, column) == before
    assert "ACC-FOUR-EYES" in press(first, "publish-change")
    assert value_of(record, column) == before
    press(second, "publish-change")
    assert value_of(record, column) == value
    told = [
        (each["action"], each["outcome"], each["object_id"], each["detail"].get("fields"))
        for each in events()
        if each["action"].endswith(("_change", "change_record"))
    ]
    assert [each[0] for each in told] == [
        *("draft_change", "publish_change", "change_record", "publish_change")
    ]
    assert told[0][2:] == told[3][2:] == (str(record.pk), column)
    assert told[1][1] != "permitted"
    history = Form(first, record).page.split('data-table="history"')[1]
    assert "林怡君" in history.split("周大同")[0]


def test_a_form_that_another_draft_overtook_leads_to_it_and_keeps_what_was_typed(rule) -> None:
    _name, record, typed, (column, _value) = rule
    first, second = operator_browser(), operator_browser("周大同")
    late = Form(second, record)
    Form(first, record).send(**typed)
    made = Proposal.objects.get()
    page = late.send(**typed | {"enabled": ""})
    shown = page.content.decode()
    assert (page.status_code, "ACC-WAITS" in shown) == (200, True)
    link = (
        f'<a href="/backoffice/access/proposal/{made.pk}/change/" data-action="show_waiting_draft"'
    )
    assert link in shown
    assert page.context["adminform"].form[column].value() == typed[column]
    assert Proposal.objects.get() == made


def test_a_form_that_a_published_change_overtook_undoes_nothing(rule) -> None:
    _name, record, typed, (column, value) = rule
    first, second = operator_browser(), operator_browser("周大同")
    late = Form(second, record)
    Form(first, record).send(**typed)
    press(second, "publish-change")
    page = late.send(**{column: late.opened[column]})
    assert (page.status_code, "ACC-SINCE" in page.content.decode()) == (200, True)
    assert value_of(record, column) == value
    assert not Proposal.objects.waiting().exists()


def test_a_draft_that_somebody_overtook_is_refused_when_published(rule) -> None:
    _name, record, typed, (column, value) = rule
    Form(operator_browser(), record).send(**typed)
    other = value + (timedelta(hours=1) if isinstance(value, timedelta) else 1)
    type(record)._base_manager.filter(pk=record.pk).update(**{column: other})
    assert "ACC-SINCE" in press(operator_browser("周大同"), "publish-change")
    assert value_of(record, column) == other


def test_what_a_job_writes_meanwhile_overtakes_nobody_and_is_not_put_back(rule) -> None:
    """A rule's last look and a list's last fetch move every few minutes."""
    _name, record, typed, (column, value) = rule
    late = Form(operator_browser(), record)
    moved = {"looked_until": clock.now(), "fetched_at": clock.now()}
    written = {name: at for name, at in moved.items() if hasattr(record, name)}
    rows = type(record)._base_manager.filter(pk=record.pk)
    if written:
        rows.update(**written)
    assert late.send(**typed).status_code == 302
    assert set(Proposal.objects.get().values) == {column}
    later = {name: at + timedelta(minutes=5) for name, at in written.items()}
    if later:
        rows.update(**later)
    press(operator_browser("周大同"), "publish-change")
    assert value_of(record, column) == value
    assert {name: value_of(record, name) for name in later} == later


def test_two_forms_sent_in_the_same_moment_make_one_draft(rule, monkeypatch) -> None:
    """The second one's look saw no draft yet: the table refuses, and the page says where the draft is."""
    _name, record, typed, (column, _value) = rule
    first, second = operator_browser(), operator_browser("周大同")
    late = Form(second, record)
    Form(first, record).send(**typed)
    look, looks = ReviewedAdmin._waiting_draft, []

    def early(self: ReviewedAdmin, object_id: str) -> Proposal | None:
        looks.append(object_id)
        return None if len(looks) == 1 else look(self, object_id)

    monkeypatch.setattr(ReviewedAdmin, "_waiting_draft", early)
    page = late.send(**typed)
    assert (page.status_code, "ACC-WAITS" in page.content.decode()) == (200, True)
    assert page.context["adminform"].form[column].value() == typed[column]
    assert Proposal.objects.count() == 1


# --- what it would do ------------------------------------------------------------------------------


def effects_of(browser: Client) -> dict[str, Any]:
    made = Proposal.objects.waiting().get()
    page = browser.get(f"/backoffice/access/proposal/{made.pk}/change/")
    return {effect.name: effect.count for effect in page.context["effects"]}


def lines_of(browser: Client) -> list[tuple[str, str, str]]:
    made = Proposal.objects.waiting().get()
    page = browser.get(f"/backoffice/access/proposal/{made.pk}/change/")
    return [(line.label, line.before, line.after) for line in page.context["lines"]]


def test_the_flags_of_yesterday_are_counted_by_both_thresholds() -> None:
    browser = operator_browser()
    hour = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    for number, answers in enumerate((1, 5)):
        AnswerCount.objects.create(
            hour=hour - timedelta(hours=number), route=f"r{number}", answers=answers
        )
    Form(browser, ReviewRule(pk="unanswered")).send(limit="3")
    assert effects_of(browser) == {"flags_before": 2, "flags_after": 1}


def test_a_rule_that_is_switched_off_flags_nothing() -> None:
    browser = operator_browser()
    form = Form(browser, ReviewRule(pk="no_card"))
    form.opened.pop("enabled")
    form.send()
    assert effects_of(browser) == {"flags_before": 0, "flags_after": 0}
    assert lines_of(browser) == [("開放", "是", "否")]


def test_thresholds_are_named_as_in_the_rule() -> None:
    browser = operator_browser()
    Form(browser, ReviewRule(pk="no_card")).send(limit="45")
    ((label, before, after),) = lines_of(browser)
    assert ("分鐘" in label, before, after) == (True, "60", "45")


def test_what_the_next_run_would_remove_is_counted() -> None:
    browser = operator_browser()
    search(make_auditor())
    LogSearch.objects.update(made_at=clock.now() - timedelta(days=3))
    Form(browser, RetentionRule(pk="log_searches")).send(days="30")
    assert effects_of(browser) == {"old_before": 1, "old_after": 0}


def test_until_when_a_list_counts_is_said_in_hours_and_moments(watched) -> None:
    browser = operator_browser()
    Form(browser, watched).send(max_age="24", grace="48")
    assert lines_of(browser) == [
        ("最長效期", "168 小時", "24 小時"),
        ("寬限期", "24 小時", "48 小時"),
    ]
    told = effects_of(browser)
    assert set(told) == {"counts_before", "counts_after"}
    assert told["counts_before"] != told["counts_after"]


# --- limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("max_age", "0"),
        ("max_age", str(401 * 24)),
        ("max_age", "-1"),
        ("max_age", "7 00:00:00"),
        ("max_age", "99999999999"),
        ("grace", ""),
        ("grace", "169"),
        ("grace", "-1"),
        ("address", ""),
        ("address", "list.crl"),
        ("address", "ftp://list.example/hpc.crl"),
        ("address", "http://"),
        ("address", "https://[x"),
        ("address", "javascript:alert(1)"),
    ],
)
def test_a_list_is_watched_within_limits(watched, field, typed) -> None:
    page = Form(operator_browser(), watched).send(**{field: typed})
    assert page.status_code == 200
    assert field in page.context["adminform"].form.errors
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("record", "values"),
    [
        (ReviewRule(pk="no_card"), {"limit": 4}),
        (ReviewRule(pk="no_card"), {"limit": 1441}),
        (RetentionRule(pk="booking_phones"), {"days": 6}),
        (RetentionRule(pk="booking_phones"), {"days": 181}),
    ],
)
def test_limits_hold_too_for_a_draft_that_came_another_way(record, values) -> None:
    made = Proposal.objects.create(
        subject=record._meta.label_lower,
        object_id=record.pk,
        name="x",
        deed="CHANGE",
        values=values,
        made_by=make_operator(),
    )
    with pytest.raises(Invalid):
        proposals.publish_change(
            proposal=made.pk, by=Actor(person=make_operator().pk, role="OPERATOR")
        )
    made.refresh_from_db()
    assert made.state == ProposalState.DRAFT
