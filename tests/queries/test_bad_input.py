"""What must not get in, in every field of the three queries; for wrong numbers see each service's tests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from apps.emergency.models import ConsentStatement
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.queries.models import Query
from apps.records.models import PasswordFlag
from tests.emergency.conftest import _MAKE, TSENG, load_patient
from tests.support.bedside import PATIENT, Bedside, ask_many
from tests.support.cards import refusal_code
from tests.support.emergency import EmergencyRoom
from tests.support.events import Events

pytestmark = pytest.mark.django_db

ATTACKS = {
    "SQL": "x' OR '1'='1'--",
    "stacked SQL": "1; DROP TABLE queries_query;--",
    "script": "<script>alert(1)</script>",
    "attribute": '" onfocus=alert(1) x="',
    "template": "{{ 'zweig'|upper }}{% now 'Y' %}",
    "path": "../../../../etc/passwd",
    "wildcard": "%_%",
    "NUL": "a\0b",
    "line break": "a\r\nSet-Cookie: x=1",
    "long": "王" * 5000,
}
attacks = pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())


def harmless(page: Any) -> str:
    """No fault, nothing of the text as markup, nothing of it carried out."""
    assert page.status_code in {200, 303, 400, 404, 409, 410}, page.status_code
    html: str = page.content.decode()
    for trace in ("<script>alert", '" onfocus=alert', "ZWEIG", "root:"):
        assert trace not in html
    assert "x" not in page.cookies
    return html


@pytest.fixture
def open_room(db: Any) -> EmergencyRoom:
    room = EmergencyRoom()
    load_patient(_MAKE[TSENG]())
    room.open_tabs(TSENG)
    return room


@attacks
def test_before_an_emergency_query(text: str, db: Any) -> None:
    room, start = EmergencyRoom(), reverse("start_emergency_query")
    typed = {"purpose": "TRIAGE_1", "national_id": PATIENT}
    for field in typed:
        page = room.browser.post(start, typed | {field: text})
        assert page.status_code == 400
        harmless(page)
        assert field == "purpose" or refusal_code(page).startswith("ID-")
    assert not Query.objects.exists()


@attacks
def test_in_the_consent(text: str, db: Any) -> None:
    """What is written there is kept as it is, or refused; it is never anything but a text."""
    room = EmergencyRoom()
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=PATIENT)
    PasswordFlag.objects.create(patient_id=patient, is_set=True, known_on="2026-01-01")
    room.open_tabs()
    path = room.path("give_emergency_consent")
    assert room.browser.post(path, {"consent": text, "reference": "急"}).status_code == 400
    page = room.browser.post(path, {"consent": "urgent", "reference": text})
    harmless(page)
    kept = ConsentStatement.objects.values_list("reference", flat=True)
    assert list(kept) == ([text.strip()] if page.status_code == 303 else [])


FILTERS = ("since", "until", "atc3", "atc5", "ingredient", "name", "left", "source", "sort")


@attacks
def test_in_the_filters_of_a_tab(open_room: EmergencyRoom, text: str) -> None:
    for field in (*FILTERS, "unknown"):
        harmless(open_room.tab("cloud_medication", **{field: text}))
    for field in ("category", "item", "abnormal", "sort"):
        harmless(open_room.tab("examination_results", **{field: text}))
    valid = open_room.path("show_chronic", "valid")
    harmless(open_room.browser.get(valid, {"prescription": text}))


def test_a_wildcard_in_a_name_matches_nothing_else(open_room: EmergencyRoom) -> None:
    page = open_room.tab("cloud_medication", name="%")
    assert all("%" in row.record.name for row in page.context["rows"])


@attacks
def test_in_the_fields_of_a_travel_query(text: str, db: Any) -> None:
    bedside = Bedside("TCH")
    typed = {"passport": "X1234567", "nationality": "USA", "number_kind": "PASSPORT"}
    page = bedside.browser.get(reverse("ask_travel_history"))
    fields = list(page.context["form"].fields)
    for field in fields:
        answer = bedside.browser.post(reverse("ask_travel_history"), typed | {field: text})
        harmless(answer)
    assert set(fields) >= {"national_id", "entry_permit", "passport", "nationality"}


@pytest.mark.parametrize(
    ("room", "ask"),
    [
        (EmergencyRoom, lambda room: room.ask()),
        (
            lambda: Bedside("TCH"),
            lambda desk: desk.browser.post(
                reverse("ask_travel_history"),
                {"number_kind": "NATIONAL_ID", "national_id": PATIENT},
            ),
        ),
        (
            lambda: Bedside("HIQS"),
            lambda desk: desk.browser.post(desk.read_card("/immunizations/").request["PATH_INFO"]),
        ),
    ],
    ids=["IMQ", "TCH", "HIQS"],
)
def test_500_patients_by_one_person_are_the_most_in_every_service(
    room: Callable[[], Any], ask: Callable[[Any], Any], db: Any, events: Events
) -> None:
    """Looked up in another service or in this one: the person is throttled, flagged and told why."""
    desk = room()
    ask_many(desk, 500)
    page = ask(desk)
    assert (page.status_code, refusal_code(page)) == (429, "QRY-MANY")
    assert "10 分鐘內已查詢 500 人" in page.content.decode()
    assert 0 < int(page["Retry-After"]) <= 600
    last = events()[-1]
    assert (last["outcome"], last["reason"]) == ("refused", "too_many_patients")
