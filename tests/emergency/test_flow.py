"""From the purpose to the tabs: card at each query, alert first, consent where the card has a password."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.models import Service
from apps.accounts.terms import CardKind
from apps.audit import services as audit
from apps.cards.models import TrustAnchor
from apps.core import clock
from apps.emergency.models import ConsentStatement, EmergencyCase
from apps.emergency.registry import all_tabs
from apps.institutions.models import Institution
from apps.queries.models import Query
from apps.records.models import Medication
from tests.emergency.conftest import HSIEH, TSENG
from tests.support.bedside import asks_for_card
from tests.support.cards import issue, log_in, refusal_code, transaction_of, trust
from tests.support.emergency import EmergencyRoom
from tests.support.events import Events

pytestmark = pytest.mark.django_db
Load = Callable[[str], None]


def test_the_page_shows_purpose_then_warnings_then_number(room: EmergencyRoom) -> None:
    page = room.browser.get(reverse("start_emergency_query")).content.decode()
    wanted = [
        "視訊診療",
        "檢傷分類第一級",
        "檢傷分類第三級",
        "本查詢作業以查詢視訊診療",
        "個人資料保護",
        "自負相關法律責任",
        'name="national_id"',
    ]
    places = [page.index(text) for text in wanted]
    assert places == sorted(places)


def test_each_query_reads_the_hpc_again_and_opens_the_alert_first(
    room: EmergencyRoom, load: Load, events: Events
) -> None:
    load(TSENG)
    for _ in range(2):
        asked = room.ask(TSENG)
        assert asks_for_card(asked)
        page = room.show_hpc(asked)
        assert page.context["page"].name == "show_emergency_alert"
        room.query_id = page.context["query"].pk
        assert TSENG not in page.content.decode()
        refused = room.tab("allergies")
        assert (refused.status_code, refusal_code(refused)) == (409, "IMQ-ALERT")
    page = room.follow(room.browser.post(room.path("close_emergency_alert")))
    assert page.context["tab"].name == "cloud_medication"
    shown = [each for each in events() if each["service"] == "IMQ" and each["outcome"] != "refused"]
    tabs = [each["detail"]["tab"] for each in shown if "tab" in each["detail"]]
    assert tabs == ["alert", "alert", "cloud_medication"]
    assert {each["purpose"] for each in shown if "tab" in each["detail"]} == {"TRIAGE_2"}


def test_a_query_without_a_new_proof_shows_nothing(room: EmergencyRoom) -> None:
    room.open_tabs(TSENG)
    room.ask(TSENG)
    unproved = Query.objects.latest("asked_at")
    answer = room.browser.get(reverse("show_emergency_alert", args=[unproved.pk]))
    assert (answer.status_code, refusal_code(answer)) == (403, "ACC-PROOF")


def test_the_card_of_somebody_else_is_refused(room: EmergencyRoom) -> None:
    TrustAnchor.objects.all().delete()
    other = issue(trust(CardKind.HPC), "B121234562", profession="A")
    job = room.agent.claim(transaction_of(room.ask())).json()
    answer = room.agent.result(job, card=other)
    assert (answer.status_code, answer.json()["code"]) == (403, "CARD-OTHER-PERSON")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("A123456780", "ID-CHECKSUM"),
        ("Ａ１２３４５６７８９", "ID-FULLWIDTH"),
        ("A12345678", "ID-LENGTH"),
        ("A1234567890", "ID-LENGTH"),
        ("1234567890", "ID-SHAPE"),
        ("A12345' OR", "ID-SHAPE"),
        ("<b>1234567", "ID-SHAPE"),
        ("A 23456789", "ID-SHAPE"),
        ("", "ID-EMPTY"),
    ],
)
def test_a_wrong_number_says_what_is_wrong_and_keeps_the_purpose(
    room: EmergencyRoom, number: str, code: str
) -> None:
    answer = room.ask(number)
    assert (answer.status_code, refusal_code(answer)) == (400, code)
    assert answer.context["form"]["purpose"].value() == "TRIAGE_2"
    assert not Query.objects.exists()


@pytest.mark.parametrize(
    ("emergency", "video", "purpose", "status"),
    [
        (True, False, "TRIAGE_3", 303),
        (True, False, "VIDEO", 400),
        (False, True, "VIDEO", 303),
        (False, True, "TRIAGE_1", 400),
        (True, True, "TRIAGE_4", 400),
        (True, True, "", 400),
        (False, False, "VIDEO", 403),
    ],
)
def test_the_purpose_is_one_that_the_institution_may_have(
    room: EmergencyRoom, emergency: bool, video: bool, purpose: str, status: int
) -> None:
    Institution.objects.filter(pk=room.institution.pk).update(
        has_emergency_department=emergency, offers_video_consultation=video
    )
    answer = room.ask(purpose=purpose)
    assert answer.status_code == status
    if status == 403:
        assert refusal_code(answer) == "ACC-FACILITY"


def test_a_purpose_that_operators_closed_is_neither_offered_nor_taken(room: EmergencyRoom) -> None:
    Service.objects.filter(pk="IMQ").update(purposes=["VIDEO", "TRIAGE_1"])
    page = room.browser.get(reverse("start_emergency_query"))
    offered = [value for value, _ in page.context["form"].fields["purpose"].choices]
    assert offered == ["VIDEO", "TRIAGE_1"]
    assert room.ask(purpose="TRIAGE_2").status_code == 400
    assert asks_for_card(room.ask(purpose="TRIAGE_1"))
    Institution.objects.filter(pk=room.institution.pk).update(has_emergency_department=False)
    Service.objects.filter(pk="IMQ").update(purposes=["TRIAGE_1"])
    refused = room.browser.get(reverse("start_emergency_query"))
    assert (refused.status_code, refusal_code(refused)) == (403, "ACC-PURPOSE")


def test_an_open_query_ends_at_the_next_click_when_its_purpose_is_closed(
    room: EmergencyRoom, load: Load, events: Events
) -> None:
    load(TSENG)
    room.open_tabs(TSENG)
    assert room.tab("allergies").status_code == 200
    Service.objects.filter(pk="IMQ").update(purposes=["VIDEO"])
    refused = room.tab("allergies")
    assert (refused.status_code, refusal_code(refused)) == (403, "ACC-PURPOSE")
    last = events()[-1]
    assert (last["outcome"], last["reason"]) == ("refused", "wrong_purpose")
    assert last["patient"] is not None


def test_the_patients_card_gives_the_number_or_must_agree_with_the_typed_one(
    room: EmergencyRoom,
) -> None:
    page = room.read_card(reverse("read_patient_card"))
    path = page.request["PATH_INFO"]
    assert "C121****09" in page.content.decode()
    assert "C121103509" not in page.content.decode()
    other = room.browser.post(path, {"purpose": "TRIAGE_1", "national_id": TSENG})
    assert (other.status_code, refusal_code(other)) == (409, "QRY-OTHER-CARD")
    assert not Query.objects.exists()
    for typed in ("", "c121103509"):
        asked = room.browser.post(path, {"purpose": "TRIAGE_1", "national_id": typed})
        assert asks_for_card(asked)
    assert {each.patient_id for each in Query.objects.all()} == {room.patient()}


def test_another_sessions_query_and_an_expired_one_are_gone(room: EmergencyRoom) -> None:
    room.open_tabs(TSENG)
    path = room.path("show_emergency_tab", "allergies")
    stranger = Client()
    log_in(stranger, room.agent, room.hpc)
    assert refusal_code(stranger.get(path)) == "QRY-GONE"
    Query.objects.update(expires_at=clock.now())
    answer = room.browser.get(path)
    assert (answer.status_code, refusal_code(answer)) == (410, "QRY-GONE")


def test_without_an_event_there_is_no_data(
    room: EmergencyRoom, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(TSENG)
    room.open_tabs(TSENG)

    def fail(event: object) -> int:
        raise audit.LogUnavailable(reason="event_not_written")

    monkeypatch.setattr("apps.queries.services.record", fail)
    answer = room.tab("allergies")
    assert answer.status_code == 503
    assert "iohexol" not in answer.content.decode()


class TestConsent:
    @pytest.fixture(autouse=True)
    def password(self, load: Load) -> None:
        load(HSIEH)

    def say(self, room: EmergencyRoom, consent: str, reference: str = "") -> object:
        path = room.path("give_emergency_consent")
        return room.browser.post(path, {"consent": consent, "reference": reference})

    def test_the_alert_is_shown_and_the_tabs_wait_for_the_consent(
        self, room: EmergencyRoom
    ) -> None:
        page = room.open_tabs(HSIEH)
        assert page.context["page"].name == "give_emergency_consent"
        for tab in all_tabs():
            refused = room.tab(tab.name)
            assert (refused.status_code, refusal_code(refused)) == (409, "IMQ-CONSENT")
        assert refusal_code(room.browser.get(room.path("show_first_glance"))) == "IMQ-CONSENT"

    @pytest.mark.parametrize(
        ("consent", "reference", "reason"),
        [("obtained", "錄音 20261124-03", ""), ("urgent", "昏迷，GCS 5", "break_glass")],
    )
    def test_consent_or_urgency_opens_the_tabs_and_leaves_its_event(
        self, room: EmergencyRoom, events: Events, consent: str, reference: str, reason: str
    ) -> None:
        room.open_tabs(HSIEH)
        page = room.follow(self.say(room, consent, reference))
        assert page.context["tab"].name == "cloud_medication"
        (event,) = [each for each in events() if each["action"] == "record_consent"]
        assert (event["reason"], event["consent"]) == (reason, consent)
        assert event["consent_reference"] == reference
        assert events()[-1]["consent"] == consent
        statement = ConsentStatement.objects.get()
        assert (statement.choice, statement.reference) == (consent, reference)
        assert statement.patient_id == event["patient"]

    def test_refused_shows_none_of_the_tabs(self, room: EmergencyRoom, events: Events) -> None:
        room.open_tabs(HSIEH)
        page = room.follow(self.say(room, "refused"))
        assert refusal_code(page) == "QRY-REFUSED"
        for tab in all_tabs():
            refused = room.tab(tab.name)
            assert (refused.status_code, refusal_code(refused)) == (403, "QRY-REFUSED")
        (event,) = [each for each in events() if each["action"] == "record_consent"]
        assert (event["consent"], event["reason"]) == ("refused", "")

    @pytest.mark.parametrize(
        ("consent", "reference"),
        [
            ("obtained", ""),
            ("urgent", "   "),
            ("", "x"),
            ("maybe", "x"),
            ("urgent", "A227081940 昏迷"),
            ("urgent", "Ａ２２７０８１９４０"),
        ],
    )
    def test_an_incomplete_consent_opens_nothing(
        self, room: EmergencyRoom, consent: str, reference: str
    ) -> None:
        room.open_tabs(HSIEH)
        answer = self.say(room, consent, reference)
        assert (answer.status_code, refusal_code(answer)) == (400, "QRY-CONSENT")
        assert refusal_code(room.tab("allergies")) == "IMQ-CONSENT"

    def test_consent_comes_after_the_alert(self, room: EmergencyRoom) -> None:
        room.open_alert(HSIEH)
        assert refusal_code(self.say(room, "urgent", "x")) == "IMQ-ALERT"

    def test_a_card_without_a_password_is_asked_for_no_consent(
        self, room: EmergencyRoom, load: Load
    ) -> None:
        load(TSENG)
        assert room.open_tabs(TSENG).context["page"].name == "show_emergency_tab"


def test_the_alert_names_an_antiviral_of_the_last_ten_days(room: EmergencyRoom) -> None:
    for days, code, named in ((3, "J05AH02", True), (11, "J05AH02", False), (3, "J01CA04", False)):
        Medication.objects.all().delete()
        Medication.objects.create(
            patient_id=room.patient(),
            institution_code="0131060029",
            visited_on=clock.today() - timedelta(days=days),
            code="BC23801100",
            atc_code=code,
        )
        page = room.open_alert().content.decode()
        assert ('data-part="antiviral"' in page) is named


def test_the_alert_cannot_be_closed_before_it_was_shown(room: EmergencyRoom) -> None:
    room.open_alert(TSENG)
    EmergencyCase.objects.update(alert_shown_at=None)
    assert refusal_code(room.browser.post(room.path("close_emergency_alert"))) == "IMQ-ALERT"
