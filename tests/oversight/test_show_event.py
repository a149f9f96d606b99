"""One event in plain words, what may explain it, what came before and after, and its proof."""

import json
import uuid
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.audit.models import Event
from apps.audit.services import event, record
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.oversight import fetches
from apps.oversight.explanations import explain_all
from apps.oversight.services import proving
from apps.visits.models import Visit
from tests.support.auditing import make_auditor, make_citizen, note, search
from tests.support.counter import code_of
from tests.support.world import BY, Pharmacy, make_person, make_workstation

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


def show(auditor, number, **query):
    return auditor.get(f"/oversight/events/{number}/", query)


def test_an_event_is_told_in_one_sentence(auditor, world) -> None:
    number = note(world, Action.SHOW_BOOKING, patient=make_citizen())
    sentence = show(auditor, number).context["sentence"]
    assert sentence == "健全藥局的陳怡君在VBK 公費疫苗接種預約服務中，對一位民眾：檢視預約。"


def test_a_refusal_says_why_in_words(auditor, world) -> None:
    number = note(world, Action.BOOK_SLOT, outcome=Outcome.REFUSED, reason="not_granted")
    assert "此人員未獲授權使用該服務" in show(auditor, number).context["sentence"]


def test_the_platforms_own_deeds_name_the_job(auditor) -> None:
    number = record_by_system()
    assert "test" in show(auditor, number).context["sentence"]


def record_by_system() -> int:
    return record(event(Action.PUBLISH_IMPORT, by=BY))


class TestExplanations:
    def test_a_card_read_minutes_before(self, auditor, world) -> None:
        patient = make_citizen()
        note(world, Action.READ_CARD, patient=patient)
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        assert "card_read" in kinds(show(auditor, number))

    def test_a_card_read_elsewhere_explains_nothing(self, auditor, world) -> None:
        patient = make_citizen()
        note(Pharmacy(), Action.READ_CARD, patient=patient)
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        page = show(auditor, number)
        assert kinds(page) == []
        assert "沒有找到" in page.content.decode()

    @pytest.mark.parametrize(("days", "explained"), [(0, True), (1, False), (-1, False)])
    def test_a_visit_of_that_day_at_that_institution(self, auditor, world, days, explained) -> None:
        patient = make_citizen()
        make_visit(world, patient, clock.now() - timedelta(days=days))
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        assert ("visit" in kinds(show(auditor, number))) is explained

    def test_a_visit_elsewhere_explains_nothing(self, auditor, world) -> None:
        patient = make_citizen()
        make_visit(Pharmacy(), patient, clock.now())
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        assert kinds(show(auditor, number)) == []

    def test_of_fifty_events_cost_what_those_of_one_do(self, world, round_trips) -> None:
        patients = [make_person(f"民眾{each}").identity_id for each in range(5)]
        for each in patients * 10:
            note(world, Action.SHOW_BOOKING, patient=each)
        events = list(Event.objects.at_institution(world.institution.pk))
        assert len(events) == 50
        with round_trips(at_most=3):
            explain_all(events)


def make_visit(world, patient, at) -> None:
    Visit.objects.create(
        patient_id=patient,
        institution=world.institution,
        workstation=make_workstation(world.institution),
        module_code="990000000001",
        treat_item="01",
        visited_at=at,
        year=at.year,
        sequence="0001",
        identifier=uuid.uuid4().hex[:20],
        request=uuid.uuid4(),
    )


def kinds(page) -> list[str]:
    return [each.kind for each in page.context["explanations"]]


def test_before_and_after_shows_the_same_person_only(auditor, world) -> None:
    first = note(world, Action.LOG_IN)
    number = note(world, Action.SHOW_BOOKING, patient=make_citizen())
    note(world, by=actor_elsewhere())
    after = note(world, Action.LOG_OUT)
    page = auditor.get(f"/oversight/events/{number}/around/")
    assert [line.event.id for line, _ in page.context["around"]] == [first, number, after]


def actor_elsewhere():
    from apps.audit.actors import Actor

    return Actor(person=make_person("其他人").pk)


def test_showing_is_an_event_with_the_purpose_of_the_search(auditor, world, events) -> None:
    patient = make_citizen()
    number = note(world, patient=patient)
    found = search(auditor, purpose="INCIDENT", note="B-7")
    show(auditor, number, search=found.context["search"].pk)
    shown = events()[-1]
    assert (shown["action"], shown["patient"]) == ("show_event", patient)
    assert (shown["purpose"], shown["detail"]) == ("INCIDENT", {"note": "B-7"})


@pytest.mark.parametrize("query", [{"search": "junk"}, {"search": "1"}])
def test_a_wrong_search_is_refused(auditor, world, query) -> None:
    assert show(auditor, note(world), **query).status_code == 400


def test_an_unknown_event_is_not_found(auditor) -> None:
    assert show(auditor, 2**62).status_code == 404


def test_an_event_of_a_retired_month_says_where_its_proof_is(auditor, monkeypatch) -> None:
    monkeypatch.setattr(fetches, "retired_month", lambda number: date(2019, 3, 1))
    for path in ("", "proof/"):
        page = auditor.get(f"/oversight/events/{2**62}/{path}")
        assert (page.status_code, code_of(page)) == (410, "LOG-RETIRED")
        assert "封存檔" in page.content.decode()


def test_what_a_downtime_kept_tells_when_it_happened(auditor, world) -> None:
    then = (clock.now() - timedelta(hours=2)).isoformat()
    number = note(world, Action.QUERY_RECORDS, patient=make_citizen(), detail={"kept": then})
    facts = {fact.name: fact.value for fact in show(auditor, number).context["facts"]}
    local = timezone.localtime(datetime.fromisoformat(then))
    assert facts["happened_at"] == f"{local:%Y/%m/%d %H:%M:%S}"


class TestTimelines:
    @pytest.mark.parametrize("what", ["patient", "person"])
    def test_follow_the_patient_or_the_person_of_an_event(self, auditor, world, what) -> None:
        patient = make_citizen()
        numbers = [note(world, patient=patient) for _ in range(2)]
        path = f"/oversight/events/{numbers[0]}/follow/"
        page = auditor.post(path, {"what": what}, follow=True)
        told = [each.line.event.id for day in page.context["days"] for each in day.moments]
        assert told == numbers[::-1]

    def test_need_something_to_follow(self, auditor, world) -> None:
        path = f"/oversight/events/{note(world)}/follow/"
        assert auditor.post(path, {"what": "patient"}).status_code == 400
        assert auditor.post(path, {"what": "colour"}).status_code == 400


class TestProofs:
    def test_an_event_that_the_sealer_has_not_seen_has_none_yet(self, auditor, world) -> None:
        page = auditor.get(f"/oversight/events/{note(world)}/proof/")
        assert (page.status_code, b"LOG-UNSEALED" in page.content) == (409, True)

    def test_a_sealed_event_comes_as_a_file_and_is_recorded(
        self, auditor, world, events, monkeypatch
    ) -> None:
        bundle = {"format": "ankang-proof/1", "index": 4}
        monkeypatch.setattr(proving, "make_proof", lambda *_, **__: bundle)
        patient = make_citizen()
        number = note(world, patient=patient)
        answer = auditor.get(f"/oversight/events/{number}/proof/")
        assert json.loads(answer.content) == bundle
        assert f'filename="proof-{number}.json"' in answer["Content-Disposition"]
        taken = events()[-1]
        assert (taken["action"], taken["patient"]) == ("take_proof", patient)
