"""Rules and texts in versions: drafted, edited, previewed, published by another, rolled back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.errors import Invalid
from apps.travel.models import AlertLink, AlertRule, AlertText, RuleChange, RuleSet
from apps.travel.services import (
    RulesMissing,
    draft_rules,
    publish_rules,
    remove_part,
    rules_in_force,
    save_part,
    withdraw_rules,
)
from apps.travel.services.versions import LastRules, OwnRules, RulesFixed
from apps.travel.terms import RulesState, Slot
from tests.support.institution import browser_of
from tests.support.world import make_operator

pytestmark = pytest.mark.django_db

NOTHING = "※ 查無資料！（測試）"


class Office:
    """Two operators and the first version."""

    def __init__(self) -> None:
        self.first, self.second = make_operator(), make_operator(name="周文")
        self.rules = RuleSet.objects.get()

    def by(self, person: Any) -> Actor:
        return Actor(person=person.pk, role=SessionRole.OPERATOR)

    def draft(self) -> RuleSet:
        return draft_rules(rules=self.rules.pk, note="新文字", by=self.by(self.first))

    def change(self, draft: RuleSet, person: Any = None) -> AlertText:
        text = AlertText.objects.get(
            rules=draft, slot=Slot.NOTHING, service="TCH", number_kind="NATIONAL_ID"
        )
        text.text = NOTHING
        save_part(part=text, by=self.by(person or self.first))
        return text

    def browser(self, person: Any) -> Client:
        return browser_of(person, role=SessionRole.OPERATOR, card_kind="CITIZEN")


@pytest.fixture
def office() -> Office:
    return Office()


def nothing() -> str:
    rules = rules_in_force(clock.today())
    return rules.text(Slot.NOTHING, service="TCH", number_kind="NATIONAL_ID")


def test_a_draft_is_a_copy_that_changes_nothing(office, events) -> None:
    before = nothing()
    draft = office.draft()
    office.change(draft)
    assert (draft.version, draft.state) == (2, RulesState.DRAFT)
    assert AlertRule.objects.filter(rules=draft).count() == len(office.rules.content["rules"])
    assert AlertLink.objects.filter(rules=draft).count() == len(office.rules.content["links"])
    assert nothing() == before
    assert [e["action"] for e in events()] == ["draft_rules", "change_record"]


def test_a_second_operator_publishes_and_it_counts_at_once(office, events) -> None:
    draft = office.draft()
    office.change(draft)
    publish_rules(rules=draft.pk, by=office.by(office.second))
    assert nothing() == NOTHING
    event = events()[-1]
    assert (event["action"], event["policy_version"]) == ("publish_rules", "2")


def test_whoever_drafted_or_changed_it_does_not_publish(office) -> None:
    draft = office.draft()
    with pytest.raises(OwnRules):
        publish_rules(rules=draft.pk, by=office.by(office.first))
    office.change(draft, office.second)
    with pytest.raises(OwnRules):
        publish_rules(rules=draft.pk, by=office.by(office.second))


def test_a_published_version_is_never_changed(office) -> None:
    rule = AlertRule.objects.filter(rules=office.rules).first()
    rule.days = 1
    with pytest.raises(RulesFixed):
        save_part(part=rule, by=office.by(office.first))
    with pytest.raises(RulesFixed):
        remove_part(part=rule, by=office.by(office.first))
    with pytest.raises(RulesFixed):
        publish_rules(rules=office.rules.pk, by=office.by(office.first))


def test_rolling_back_brings_the_earlier_version_back(office, events) -> None:
    before = nothing()
    draft = office.draft()
    office.change(draft)
    publish_rules(rules=draft.pk, by=office.by(office.second))
    withdraw_rules(rules=draft.pk, reason="文字有誤", by=office.by(office.first))
    assert nothing() == before
    event = events()[-1]
    assert (event["action"], event["detail"]) == ("withdraw_rules", {"note": "文字有誤"})


def test_the_last_version_in_force_stays(office) -> None:
    with pytest.raises(LastRules):
        withdraw_rules(rules=office.rules.pk, reason="x", by=office.by(office.first))
    with pytest.raises(Invalid):
        withdraw_rules(rules=office.rules.pk, reason=" ", by=office.by(office.first))


def test_validity_dates_choose_the_version(office) -> None:
    draft = office.draft()
    office.change(draft)
    draft.valid_from = clock.today() + timedelta(days=1)
    draft.valid_until = clock.today() + timedelta(days=2)
    save_part(part=draft, by=office.by(office.first))
    publish_rules(rules=draft.pk, by=office.by(office.second))
    versions = [rules_in_force(clock.today() + timedelta(days=n)).version for n in range(4)]
    assert versions == [1, 2, 2, 1]
    RuleSet.objects.update(state=RulesState.WITHDRAWN)
    with pytest.raises(RulesMissing):
        rules_in_force(clock.today())


def test_history_says_who_changed_what_from_what_to_what(office) -> None:
    draft = office.draft()
    old = nothing()
    office.change(draft)
    (change,) = RuleChange.objects.all()
    assert (change.field, change.old, change.new) == ("text", old, NOTHING)
    assert change.changed_by == office.first
    rule = AlertRule.objects.filter(rules=draft).first()
    remove_part(part=rule, by=office.by(office.second))
    gone = RuleChange.objects.filter(changed_by=office.second)
    assert {each.field: each.old for each in gone}["text"] == rule.text
    assert {each.new for each in gone} == {""}


def test_in_the_back_office(office, events) -> None:
    """Draft, edit, preview, publish and history, by two operators' browsers."""
    first, second = office.browser(office.first), office.browser(office.second)
    page = f"/backoffice/travel/ruleset/{office.rules.pk}"
    first.post(f"{page}/draft-rules/", {"draft_rules-note": "新文字"})
    draft = RuleSet.objects.get(version=2)
    text = AlertText.objects.get(
        rules=draft, slot=Slot.NOTHING, service="TCH", number_kind="NATIONAL_ID"
    )
    edit = f"/backoffice/travel/alerttext/{text.pk}/change/"
    form = first.get(edit).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields} | {"text": NOTHING}
    assert first.post(edit, data).status_code == 302
    preview = f"/backoffice/travel/ruleset/{draft.pk}/preview/"
    person = {"on": clock.today().isoformat(), "service": "TCH", "number_kind": "NATIONAL_ID"}
    shown = second.post(preview, person)
    html = shown.content.decode()
    assert shown.status_code == 200
    assert NOTHING in html[html.index('data-preview="then"') : html.index('data-preview="now"')]
    assert NOTHING not in html[html.index('data-preview="now"') :]
    refused = first.post(f"/backoffice/travel/ruleset/{draft.pk}/publish-rules/", follow=True)
    assert "TCH-FOUR-EYES" in refused.content.decode()
    second.post(f"/backoffice/travel/ruleset/{draft.pk}/publish-rules/")
    assert nothing() == NOTHING
    history = second.get(f"/backoffice/travel/ruleset/{draft.pk}/change/").content.decode()
    assert NOTHING in history
    assert office.first.name in history
    assert "preview_alert" in [e["action"] for e in events()]


def test_a_preview_with_a_made_up_person_opens_nobodys_records(office, events) -> None:
    person = {
        "on": clock.today().isoformat(),
        "service": "IMQ",
        "number_kind": "NATIONAL_ID",
        "moved_on": clock.today().isoformat(),
        "direction": "ENTRY",
        "country": "帛琉",
        "level": "3",
        "label": "醫事人員",
        "label_kind": "OCCUPATION",
        "list_name": "臺帛旅遊泡泡",
        "listed_on": clock.today().isoformat(),
        "antiviral_on": clock.today().isoformat(),
        "referred_on": clock.today().isoformat(),
        "place": "聯醫",
    }
    browser = office.browser(office.first)
    preview = f"/backoffice/travel/ruleset/{office.rules.pk}/preview/"
    html = browser.post(preview, person).content.decode()
    for words in (
        "居家檢疫個案",
        "由帛琉入境。",
        "此個案為醫事人員。",
        "流感抗病毒藥劑",
        "已轉診至聯醫",
    ):
        assert words in html
    assert all(event["patient"] is None for event in events())
    wrong = browser.post(preview, person | {"on": "x"})
    assert wrong.status_code == 400


def test_parts_of_a_published_version_are_only_shown(office) -> None:
    rule = AlertRule.objects.filter(rules=office.rules).first()
    browser = office.browser(office.first)
    edit = f"/backoffice/travel/alertrule/{rule.pk}/change/"
    assert browser.get(edit).status_code == 200
    assert browser.post(edit, {"text": "x"}).status_code == 403
