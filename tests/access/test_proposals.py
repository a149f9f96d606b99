"""Rules and texts are drafted by one operator and published by another (FEATURES A8, A14)."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.access.effects import count_permitted
from apps.access.models import Proposal, Service
from apps.access.policies import decide
from apps.access.registers import Practice
from apps.access.services import proposals
from apps.access.services.proposals import ChangedSince, WaitsAlready
from apps.access.services.unified import OwnDraft
from apps.access.terms import MembershipRole, ProposalState, Reason
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core.errors import Invalid, NotFound
from apps.portal.models import Announcement, Link
from tests.support.institution import operator_browser
from tests.support.world import BY, Pharmacy, grant, make_member, make_operator

pytestmark = pytest.mark.django_db

VBK = "/backoffice/access/service/VBK/change/"


def operator() -> Actor:
    return Actor(person=make_operator().pk, role="OPERATOR")


def form_of(browser: Client, path: str = VBK) -> dict[str, object]:
    """The form as it is shown, ready to be posted."""
    form = browser.get(path).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: value for name, value in shown.items() if value is not None and value is not False
    }


def draft(browser: Client, **changes: object) -> Proposal:
    answer = browser.post(VBK, form_of(browser) | changes)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return Proposal.objects.waiting().get()


def publish(proposal: Proposal, browser: Client | None = None) -> str:
    """What the page says after the button was pressed."""
    second = browser or operator_browser("周大同")
    page = f"/backoffice/access/proposal/{proposal.pk}/"
    assert second.post(f"{page}publish-change/").status_code == 302
    return second.get(f"{page}change/").content.decode()


# --- the rules of a service ----------------------------------------------------------------------


def test_a_draft_changes_nothing_and_a_second_operator_makes_it_true(events) -> None:
    pharmacy, maker = Pharmacy(), operator_browser()
    session = pharmacy.session()
    made = draft(maker, professions=["A"])
    assert decide(session=session.id, service="VBK").permit
    assert "ACC-FOUR-EYES" in publish(made, maker)
    assert decide(session=session.id, service="VBK").permit
    publish(made)
    assert decide(session=session.id, service="VBK").reason == Reason.WRONG_PROFESSION
    actions = [each["action"] for each in events()]
    assert [each for each in actions if each.endswith(("_change", "change_record"))] == [
        "draft_change",
        "publish_change",  # refused: the maker's own
        "change_record",
        "publish_change",
    ]


RULES = [
    ("professions", ["A"], Reason.WRONG_PROFESSION),
    ("card_kinds", ["CITIZEN"], Reason.WRONG_CARD_KIND),
    ("recency", "EACH", Reason.PROOF_TOO_OLD),
    ("audience_kinds", ["HOSPITAL"], Reason.WRONG_AUDIENCE),
    ("needs_network", "on", Reason.UNKNOWN_NETWORK),
    ("enabled", "", Reason.SERVICE_OFF),
]


@pytest.mark.parametrize(("field", "value", "reason"), RULES)
def test_every_rule_holds_from_the_next_click_on(field, value, reason) -> None:
    pharmacy, maker = Pharmacy(), operator_browser()
    session = pharmacy.session()
    publish(draft(maker, **{field: value}))
    assert decide(session=session.id, service="VBK").reason == reason


def test_pharmacists_are_let_in_without_a_deployment() -> None:
    """「滾動式調整」 (manual 3, V2.2)."""
    Service.objects.filter(pk="VBK").update(professions=["A"])
    pharmacy, maker = Pharmacy(), operator_browser()
    session = pharmacy.session()
    assert not decide(session=session.id, service="VBK").permit
    publish(draft(maker, professions=["A", "D"]))
    assert decide(session=session.id, service="VBK").permit


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"recency": "WITHIN", "recency_seconds": "0"}, "recency_seconds"),
        ({"recency": "SESSION", "recency_seconds": "60"}, "recency_seconds"),
        ({"recency": "WITHIN", "recency_seconds": "28801"}, "recency_seconds"),
        ({"recency": "WITHIN", "recency_seconds": "-1"}, "recency_seconds"),
        ({"recency": "SOMETIMES"}, "recency"),
        ({"professions": ["physician"]}, "professions"),
        ({"card_kinds": ["INSTITUTION"]}, "card_kinds"),
        ({"manager_card_kinds": ["GOVERNMENT"]}, "manager_card_kinds"),
        ({"audience_kinds": ["SCHOOL"]}, "audience_kinds"),
        ({"name": ""}, "name"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_field(fields, wrong) -> None:
    browser = operator_browser()
    page = browser.post(VBK, form_of(browser) | fields)
    assert page.status_code == 200
    assert wrong in page.context["adminform"].form.errors
    assert not Proposal.objects.exists()


def test_the_page_says_in_words_and_numbers_what_it_would_do() -> None:
    pharmacy, maker = Pharmacy(), operator_browser()
    nurse = make_member(pharmacy.institution)
    grant(nurse, pharmacy.entitlement)
    Practice.objects.create(
        practitioner=nurse.identity, institution=pharmacy.institution, profession="F"
    )
    pharmacy.session()
    made = draft(maker, professions=["F"], audience_kinds=["HOSPITAL"], needs_network="on")
    page = maker.get(f"/backoffice/access/proposal/{made.pk}/change/")
    shown = {line.name: (line.before, line.after) for line in page.context["lines"]}
    assert set(shown) == {"professions", "audience_kinds", "needs_network"}
    assert shown["audience_kinds"] == ("藥局、衛生所", "醫院")
    assert shown["needs_network"] == ("否", "是")
    assert "護理師" in shown["professions"][1]
    counts = {effect.name: effect.count for effect in page.context["effects"]}
    assert counts == {
        "entitled": 1,
        "other_kind": 1,
        "no_facility": 0,
        "no_network": 1,
        "granted": 2,
        "other_profession": 1,
        "sessions_before": 1,
        "sessions_after": 0,
    }


def test_sessions_are_counted_by_the_rules_of_decide() -> None:
    pharmacy, other = Pharmacy(), Pharmacy()
    pharmacy.session()
    other.session(profession="A")
    other.session(card_kind="NHI")
    service = Service.objects.get(pk="VBK")
    assert count_permitted(service) == 2
    service.professions = ["A"]
    assert count_permitted(service) == 1
    service.card_kinds, service.professions = [], []
    assert count_permitted(service) == 3


def test_the_cards_of_managers_are_a_rule_of_their_own_said_in_words() -> None:
    pharmacy, maker = Pharmacy(), operator_browser()
    make_member(pharmacy.institution, pharmacy.pharmacist, role=MembershipRole.MANAGER)
    session = pharmacy.session(card_kind="NHI")
    made = draft(maker, manager_card_kinds=["NHI", "HPC"])
    page = maker.get(f"/backoffice/access/proposal/{made.pk}/change/")
    (line,) = page.context["lines"]
    assert (line.before, line.after) == ("與使用者相同", "健保卡、醫事人員卡")
    counts = {effect.name: effect.count for effect in page.context["effects"]}
    assert (counts["sessions_before"], counts["sessions_after"]) == (0, 1)
    assert not decide(session=session.id, service="VBK").permit
    publish(made)
    assert decide(session=session.id, service="VBK").permit


def test_purposes_are_offered_where_a_query_asks_for_one(events) -> None:
    maker = operator_browser()
    assert "purposes" not in maker.get(VBK).context["adminform"].form.fields
    path = "/backoffice/access/service/IMQ/change/"
    page = maker.get(path)
    shown = dict(page.context["adminform"].form.fields["purposes"].choices)
    assert set(shown) == {"VIDEO", "TRIAGE_1", "TRIAGE_2", "TRIAGE_3"}
    for purpose in ("VIDEO", "TRIAGE_3"):
        asked = event(Action.QUERY_RECORDS, by=BY, service="IMQ", purpose=purpose)
        record_change(asked)
    maker.post(path, form_of(maker, path) | {"purposes": ["TRIAGE_1", "VIDEO"]})
    made = Proposal.objects.waiting().get()
    page = maker.get(f"/backoffice/access/proposal/{made.pk}/change/")
    (line,) = page.context["lines"]
    assert line.after == f"{shown['TRIAGE_1']}、{shown['VIDEO']}"
    counts = {effect.name: effect.count for effect in page.context["effects"]}
    assert counts["closed_purposes"] == 1
    publish(made)
    assert Service.objects.get(pk="IMQ").purposes == ["TRIAGE_1", "VIDEO"]
    refused = maker.post(path, form_of(maker, path) | {"purposes": ["HOLIDAY"]})
    assert "purposes" in refused.context["adminform"].form.errors


# --- drafts ----------------------------------------------------------------------------------------


def test_what_waits_is_shown_instead_of_the_form() -> None:
    browser = operator_browser()
    made = draft(browser, name="新名稱")
    answer = browser.get(VBK)
    assert answer["Location"] == f"/backoffice/access/proposal/{made.pk}/change/"
    service = Service.objects.get(pk="VBK")
    service.name = "另一個"
    with pytest.raises(WaitsAlready):
        proposals.propose_change(record=service, by=operator())


def test_a_form_that_another_draft_overtook_is_refused_and_keeps_what_was_typed() -> None:
    first, second = operator_browser(), operator_browser("周大同")
    late = form_of(second)
    made = draft(first, name="第一位")
    page = second.post(VBK, late | {"name": "第二位"})
    assert page.status_code == 200
    assert "ACC-WAITS" in page.content.decode()
    assert page.context["adminform"].form["name"].value() == "第二位"
    assert Proposal.objects.get() == made


def test_a_form_that_a_published_change_overtook_undoes_nothing_unseen() -> None:
    first, second = operator_browser(), operator_browser("周大同")
    late = form_of(second) | {"opened": second.get(VBK).context["opened"]}
    publish(draft(first, professions=["A", "D"]), second)
    page = second.post(VBK, late | {"name": "第二位"})
    shown = page.content.decode()
    assert page.status_code == 200
    assert "ACC-SINCE" in shown
    assert "職類" in shown.split("ACC-SINCE")[0].split("errornote")[1]
    assert page.context["adminform"].form["name"].value() == "第二位"
    assert not Proposal.objects.waiting().exists()
    again = form_of(second) | {"opened": page.context["opened"], "name": "第二位"}
    assert second.post(VBK, again).status_code == 302
    assert set(Proposal.objects.waiting().get().values) == {"name"}


def test_what_somebody_else_changed_elsewhere_in_the_list_stops_nobody() -> None:
    browser = operator_browser()
    opened = browser.get(VBK).context["opened"]
    Service.objects.filter(pk="TCH").update(name="別項")
    assert browser.post(VBK, form_of(browser) | {"opened": opened, "name": "新"}).status_code == 302


def test_a_form_sent_back_unchanged_makes_no_draft() -> None:
    browser = operator_browser()
    answer = browser.post(VBK, form_of(browser))
    assert answer["Location"] == "/backoffice/access/service/"
    assert not Proposal.objects.exists()


def test_what_changed_meanwhile_cannot_be_published() -> None:
    made = draft(operator_browser(), name="新名稱")
    Service.objects.filter(pk="VBK").update(name="別人改的")
    assert "ACC-SINCE" in publish(made)
    assert Service.objects.get(pk="VBK").name == "別人改的"
    Service.objects.filter(pk="VBK").update(position=9)  # another column does not matter
    Service.objects.filter(pk="VBK").update(name=made.before["name"])
    proposals.publish_change(proposal=made.pk, by=operator())
    assert Service.objects.get(pk="VBK").position == 9


def test_a_record_that_is_gone_cannot_be_changed() -> None:
    text = Link.objects.create(name="舊", address="https://example.org/")
    text.name = "新"
    made = proposals.propose_change(record=text, by=operator())
    assert made is not None
    Link.objects.filter(pk=text.pk).delete()
    with pytest.raises(ChangedSince):
        proposals.publish_change(proposal=made.pk, by=operator())
    assert not Link.objects.filter(pk=text.pk).exists()


def test_what_is_published_is_validated_again() -> None:
    """A draft is data that may have lain for weeks, or been written by another way."""
    made = draft(operator_browser(), name="新名稱")
    Proposal.objects.filter(pk=made.pk).update(values={"recency": "SOMETIMES"}, before={})
    with pytest.raises(Invalid):
        proposals.publish_change(proposal=made.pk, by=operator())


def test_withdrawn_and_published_drafts_are_over() -> None:
    made = draft(operator_browser(), name="新名稱")
    proposals.withdraw_change(proposal=made.pk, by=operator())
    for deed in (proposals.publish_change, proposals.withdraw_change):
        with pytest.raises(NotFound):
            deed(proposal=made.pk, by=operator())
    assert Service.objects.get(pk="VBK").name != "新名稱"


def test_the_database_too_refuses_the_same_operator_twice() -> None:
    made = draft(operator_browser(), name="新名稱")
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(published_by=made.made_by)
    with pytest.raises(OwnDraft):
        proposals.publish_change(proposal=made.pk, by=Actor(person=made.made_by_id))


def test_nobody_else_gets_near(client) -> None:
    made = draft(operator_browser(), name="新名稱")
    publish_path = f"/backoffice/access/proposal/{made.pk}/publish-change/"
    answer = client.post(publish_path)
    assert (answer.status_code, answer["Location"][:8]) == (302, "/log-in/")
    made.refresh_from_db()
    assert made.state == ProposalState.DRAFT


# --- texts -----------------------------------------------------------------------------------------


def test_a_new_text_is_seen_when_published_and_gone_when_its_removal_is() -> None:
    browser = operator_browser()
    path = "/backoffice/portal/announcement/"
    fields = {"board": "NEWS", "title": "停機公告", "body": "今晚", "shown_from": "2026-01-01"}
    browser.post(f"{path}add/", fields)
    assert "停機公告" not in Client().get("/").content.decode()
    publish(Proposal.objects.waiting().get())
    assert "停機公告" in Client().get("/").content.decode()
    text = Announcement.objects.get()
    browser.post(f"{path}{text.pk}/delete/", {"post": "yes"})
    assert "停機公告" in Client().get("/").content.decode()
    page = publish(Proposal.objects.waiting().get())
    assert not Announcement.objects.exists()
    assert "今晚" in page  # what it said stays to be read


def test_the_first_page_counts_what_waits() -> None:
    browser = operator_browser()
    draft(browser, name="新名稱")
    assert "state__exact=DRAFT" in browser.get("/backoffice/").content.decode()


def test_drafts_keep_values_of_every_kind() -> None:
    """Dates, links to services, lists and texts come back as they were."""
    text = Announcement(title="甲", body="乙", service_id="VBK", shown_from="2026-01-02")
    text.full_clean()
    made = proposals.propose_change(record=text, by=operator())
    assert made is not None
    made.refresh_from_db()
    json.dumps(made.values)
    proposals.publish_change(proposal=made.pk, by=operator())
    kept = Announcement.objects.get(pk=text.pk)
    assert (kept.service_id, kept.shown_from.isoformat()) == ("VBK", "2026-01-02")
