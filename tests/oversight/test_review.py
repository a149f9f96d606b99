"""The review queue: flags become cases once, auditors assign, note and close them, nobody his own."""

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction

from apps.access.models import Proposal
from apps.audit.terms import Action
from apps.core import clock
from apps.identities.models import Identity
from apps.oversight import fetches
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.services import flagging
from tests.support.auditing import make_auditor, make_citizen, note
from tests.support.institution import operator_browser
from tests.support.world import BY, Pharmacy, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture
def case(world) -> ReviewCase:
    """Somebody looked at a citizen whose card nobody had read."""
    number = note(world, Action.SHOW_BOOKING, patient=make_citizen())
    only("no_card")
    flagging.find_flags(by=BY)
    return ReviewCase.objects.get(rule="no_card", event=number)


def only(*codes: str) -> None:
    ReviewRule.objects.exclude(code__in=codes).update(enabled=False)


class TestFinding:
    def test_opens_a_case_with_its_event(self, case, world, events) -> None:
        assert (case.person, case.institution) == (world.pharmacist.pk, world.institution.pk)
        assert (case.state, case.explained) == ("OPEN", False)

    def test_again_opens_nothing_new(self, case, events) -> None:
        assert flagging.find_flags(by=BY) == 0
        ReviewRule.objects.update(looked_until=None)
        flagging.find_flags(by=BY)
        assert ReviewCase.objects.filter(key=case.key).count() == 1

    def test_opening_is_an_event_about_the_patient(self, case, world, events) -> None:
        one = Identity.objects.create().pk
        note(world, Action.SHOW_BOOKING, patient=one)
        flagging.find_flags(by=BY)
        opened = events()[-1]
        assert (opened["action"], opened["patient"]) == ("open_case", one)
        assert opened["detail"] == {"job": "test", "code": "no_card"}

    def test_f10_of_two_beats_at_once_one_looks(self, world, database_urls) -> None:
        """The other one holds the rule: nothing is opened twice, and the next run finds it."""
        note(world, Action.SHOW_BOOKING, patient=make_citizen())
        only("no_card")
        with psycopg.connect(database_urls.app) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s, hashtext('no_card'))", [flagging.LOCK])
            assert flagging.find_flags(by=BY) == 0
        assert flagging.find_flags(by=BY) >= 1

    def test_a_rule_that_is_off_finds_nothing(self, world) -> None:
        note(world, Action.SHOW_BOOKING, patient=make_citizen())
        only()
        assert flagging.find_flags(by=BY) == 0

    def test_looks_again_at_what_may_have_been_committed_late(self, case, world) -> None:
        until = ReviewRule.objects.get(pk="no_card").looked_until
        assert until is not None
        assert clock.now() - until < timedelta(minutes=1)
        assert timedelta(minutes=2) <= flagging.OVERLAP

    def test_an_explanation_is_noted(self, world) -> None:
        patient = make_citizen()
        note(world, Action.READ_CARD, patient=patient)
        number = note(world, Action.RECORD_CONSENT, patient=patient, reason="break_glass")
        only("break_glass")
        flagging.find_flags(by=BY)
        assert ReviewCase.objects.get(event=number).explained


def path(case: ReviewCase, what: str = "") -> str:
    return f"/oversight/cases/{case.pk}/{what}"


class TestPages:
    def test_the_queue_shows_what_waits(self, auditor, case) -> None:
        assert case.pk in listed(auditor)
        assert case.pk in listed(auditor, rule="no_card", explained="no")
        assert case.pk not in listed(auditor, explained="yes")
        assert case.pk not in listed(auditor, state="MINE")
        assert auditor.get("/oversight/cases/", {"rule": "x"}).status_code == 400

    def test_page_by_page(self, auditor, case, monkeypatch) -> None:
        monkeypatch.setattr(fetches, "CASES_A_PAGE", 2)
        at = case.occurred_at
        more = [
            ReviewCase.objects.create(rule="no_card", key=str(n), occurred_at=at).pk
            for n in range(4)
        ]
        seen, before = [], ""
        while True:
            found = auditor.get("/oversight/cases/", {"before": before}).context["found"]
            seen += [line.case.pk for line in found.lines]
            before = found.next_cursor
            if not before:
                break
        assert sorted(seen) == sorted([case.pk, *more])
        assert auditor.get("/oversight/cases/", {"before": "junk"}).status_code == 400

    def test_a_case_shows_its_event_and_is_an_event(self, auditor, case, events) -> None:
        page = auditor.get(path(case))
        assert page.context["event"].event.id == case.event
        assert page.context["explanations"] == []
        looked = events()[-1]
        assert (looked["action"], looked["purpose"]) == ("show_case", "REVIEW")

    def test_a_case_whose_event_was_retired_still_opens(self, auditor, case) -> None:
        ReviewCase.objects.filter(pk=case.pk).update(event=2**60)
        assert auditor.get(path(case)).status_code == 200


def listed(auditor, **query) -> list:
    found = auditor.get("/oversight/cases/", query).context["found"]
    return [line.case.pk for line in found.lines]


class TestReviewing:
    def test_assign_note_close_each_with_its_event(self, auditor, case, events) -> None:
        me = str(auditor.person.pk)
        auditor.post(path(case, "assign/"), {"to": me})
        auditor.post(path(case, "note/"), {"text": "已電話詢問"})
        auditor.post(path(case, "close/"), {"finding": "EXPLAINED", "text": "代領藥"})
        case.refresh_from_db()
        assert (case.state, case.finding) == ("CLOSED", "EXPLAINED")
        assert [each.text for each in case.notes.all()] == ["已電話詢問", "代領藥"]
        done = [each for each in events() if each["object_type"] == "review_case"]
        assert [each["action"] for each in done] == ["assign_case", "note_case", "close_case"]
        assert done[-1]["detail"]["outcome"] == "EXPLAINED"
        assert done[-1]["detail"]["note"] == "代領藥"

    @pytest.mark.parametrize(
        ("what", "data"),
        [
            ("assign/", {}),
            ("assign/", {"to": "x"}),
            ("note/", {"text": " "}),
            ("note/", {"text": "x" * 501}),
            ("close/", {"finding": "EXPLAINED"}),
            ("close/", {"finding": "x", "text": "y"}),
            ("close/", {"text": "y"}),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_kept(
        self, auditor, case, events, what, data
    ) -> None:
        page = auditor.post(path(case, what), data)
        assert page.status_code == 400
        assert [each["action"] for each in events()][-1] == "show_case"  # it is shown once more
        case.refresh_from_db()
        assert (case.state, case.notes.count()) == ("OPEN", 0)

    def test_a_closed_case_stays_closed(self, auditor, case) -> None:
        auditor.post(path(case, "close/"), {"finding": "EXPLAINED", "text": "x"})
        again = auditor.post(path(case, "close/"), {"finding": "MISUSE", "text": "y"})
        assert (again.status_code, b"REV-CLOSED" in again.content) == (409, True)

    def test_only_auditors_are_assigned(self, auditor, case, world) -> None:
        answer = auditor.post(path(case, "assign/"), {"to": str(make_person().pk)})
        assert (answer.status_code, b"REV-NOBODY" in answer.content) == (400, True)


class TestNobodyReviewsHimself:
    @pytest.mark.parametrize(
        ("what", "data"),
        [
            ("note/", {"text": "x"}),
            ("close/", {"finding": "EXPLAINED", "text": "x"}),
            ("assign/", {}),
        ],
    )
    def test_the_reviewed_is_refused(self, auditor, case, what, data) -> None:
        ReviewCase.objects.filter(pk=case.pk).update(person=auditor.person.pk)
        other = make_auditor("林稽核").person
        data = data or {"to": str(other.pk)}
        answer = auditor.post(path(case, what), data)
        assert (answer.status_code, b"REV-OWN" in answer.content) == (403, True)
        assert b"REV-OWN" in auditor.get(path(case)).content

    def test_nor_is_the_case_assigned_to_the_reviewed(self, auditor, case) -> None:
        other = make_auditor("林稽核").person
        ReviewCase.objects.filter(pk=case.pk).update(person=other.pk)
        answer = auditor.post(path(case, "assign/"), {"to": str(other.pk)})
        assert (answer.status_code, b"REV-OWN" in answer.content) == (403, True)

    @pytest.mark.parametrize("field", ["closed_by_id", "assigned_to_id"])
    def test_the_database_refuses_it_too(self, case, field) -> None:
        me = make_person().pk
        with pytest.raises(IntegrityError), transaction.atomic():
            ReviewCase.objects.filter(pk=case.pk).update(person=me, **{field: me})


class TestThresholds:
    PATH = "/backoffice/oversight/reviewrule/no_card/change/"

    def test_are_named_as_in_the_rule(self) -> None:
        """How two operators set them: test_four_eyes."""
        assert "分鐘" in operator_browser().get(self.PATH).content.decode()

    @pytest.mark.parametrize("limit", ["", "4", "1441", "x"])
    def test_within_the_rules_limits(self, limit) -> None:
        answer = operator_browser().post(self.PATH, {"enabled": "on", "limit": limit})
        assert "limit" in answer.context["adminform"].form.errors
        assert not Proposal.objects.exists()
