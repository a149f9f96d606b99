"""Auditors search the access log: with a purpose, by any key, page by page; looking is an event too."""

from datetime import timedelta

import pytest

from apps.audit.services import event, record_change
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.oversight.services import printing, searching
from tests.support.auditing import CITIZEN, make_auditor, make_citizen, note, search
from tests.support.world import BY, Pharmacy, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


def numbers(page) -> list[int]:
    found = page.context["found"]
    return [line.event.id for line in found.lines] if found else []


def test_the_first_page_shows_the_newest_with_todays_names(auditor, world) -> None:
    number = note(world)
    page = auditor.get("/oversight/log/").content.decode()
    row = page.split(f'data-event="{number}"')[1].split("</tr>")[0]
    assert "陳怡君" in row
    assert "健全藥局" in row
    assert "VBK" in row


class TestWhoLookedAtThisCitizenAndWhy:
    def test_by_typed_number_which_stands_in_no_address(self, auditor, world, events) -> None:
        patient = make_citizen()
        mine = note(world, Action.SHOW_BOOKING, patient=patient)
        note(world, Action.SHOW_BOOKING, patient=make_citizen_of(world))
        page = search(auditor, patient_number=CITIZEN.lower(), purpose="REQUEST", note="A-12")
        assert numbers(page) == [mine]
        assert CITIZEN not in str(page.redirect_chain)
        assert CITIZEN not in page.content.decode()
        assert "C121****09" in page.content.decode()

    def test_says_first_who_it_was_and_how_often(self, auditor, world) -> None:
        patient = make_citizen()
        for _ in range(3):
            note(world, Action.SHOW_BOOKING, patient=patient)
        (share,) = search(auditor, patient_number=CITIZEN).context["summary"]
        assert (share.actor, share.institution, share.count) == ("陳怡君", "健全藥局", 3)

    def test_the_look_itself_names_patient_and_purpose(self, auditor, world, events) -> None:
        patient = make_citizen()
        search(auditor, patient_number=CITIZEN, purpose="REQUEST", note="A-12")
        looked = events()[-1]
        assert (looked["action"], looked["patient"]) == ("search_log", patient)
        assert (looked["purpose"], looked["detail"]["note"]) == ("REQUEST", "A-12")

    def test_a_number_that_nobody_has_finds_nothing(self, auditor, world) -> None:
        note(world)
        page = search(auditor, patient_number="A234567893")
        assert (page.status_code, numbers(page)) == (200, [])

    def test_a_wrong_check_digit_is_said_and_nothing_is_searched(self, auditor, events) -> None:
        page = search(auditor, patient_number="C121103508")
        assert page.status_code == 400
        assert "[ID-CHECKSUM]" in page.content.decode()
        assert [each["action"] for each in events()] == []


def make_citizen_of(world: Pharmacy):
    return world.pharmacist.identity_id


def keys(world: Pharmacy) -> dict[str, str]:
    return {
        "person": "陳怡君",
        "institution": world.institution.code,
        "service": "VBK",
        "action": "book_slot",
        "outcome": "refused",
        "reason": "slot_full",
    }


ATTRIBUTE = {"person": "actor"}
EXPECTED = {
    "person": lambda world: world.pharmacist.pk,
    "institution": lambda world: world.institution.pk,
    "service": lambda world: "VBK",
    "action": lambda world: "book_slot",
    "outcome": lambda world: "refused",
    "reason": lambda world: "slot_full",
}


@pytest.mark.parametrize("key", ["person", "institution", "service", "action", "outcome", "reason"])
def test_every_key_narrows_the_list(auditor, world, key) -> None:
    record_change(event(Action.LOG_OUT, by=BY))
    number = note(world, Action.BOOK_SLOT, outcome=Outcome.REFUSED, reason="slot_full")
    found = search(auditor, **{key: keys(world)[key]})
    assert numbers(found)[0] == number
    for line in found.context["found"].lines:
        assert getattr(line.event, ATTRIBUTE.get(key, key)) == EXPECTED[key](world)


def test_all_keys_together(auditor, world) -> None:
    note(world, Action.BOOK_SLOT)
    number = note(world, Action.BOOK_SLOT, outcome=Outcome.REFUSED, reason="slot_full")
    assert numbers(search(auditor, **keys(world))) == [number]


def test_the_period_counts_taiwans_days(auditor, world) -> None:
    note(world)
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    page = search(auditor, since=yesterday, until=yesterday, institution=world.institution.code)
    assert numbers(page) == []


def test_of_several_people_with_one_name_the_auditor_chooses(auditor, world) -> None:
    twin = make_member(world.institution)
    number = note(world)
    asked = search(auditor, person="陳怡君")
    assert asked.status_code == 400
    assert len(asked.context["form"].namesakes) == 2
    chosen = search(auditor, person="陳怡君", person_choice=str(world.pharmacist.pk))
    assert numbers(chosen) == [number]
    assert numbers(search(auditor, person="陳怡君", person_choice=str(twin.pk))) == []


WRONG = [
    ({"purpose": ""}, "purpose"),
    ({"purpose": "REQUEST"}, "note"),  # without a file number
    ({"purpose": "curiosity"}, "purpose"),
    ({"since": ""}, "since"),
    ({"until": "yesterday"}, "until"),
    ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
    ({"since": "1999-01-01"}, "since"),
    ({"institution": "12"}, "institution"),
    ({"action": "nonsense"}, "action"),
    ({"outcome": "x"}, "outcome"),
    ({"service": "XXX"}, "service"),
    ({"patient_number": "A12"}, "patient_number"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_a_wrong_filter_is_an_error_and_never_the_whole_list(auditor, world, wrong, field) -> None:
    note(world)
    page = search(auditor, **wrong)
    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert numbers(page) == []


def test_an_address_with_parameters_only_fills_the_form(auditor, world, events) -> None:
    note(world)
    page = auditor.get("/oversight/log/", {"institution": "12", "purpose": "ROUTINE"})
    assert numbers(page) == []
    assert page.context["form"]["institution"].value() == "12"


def test_page_by_page_without_gap_or_repeat(auditor, world, monkeypatch) -> None:
    monkeypatch.setattr(searching, "PAGE", 3)
    expected = [note(world) for _ in range(8)][::-1]
    page, seen = search(auditor, institution=world.institution.code), []
    address = page.redirect_chain[-1][0]
    while True:
        seen += numbers(page)
        if not (cursor := page.context["found"].next_cursor):
            break
        page = auditor.get(address, {"before": cursor})
    assert seen == expected


def test_a_wrong_cursor_is_refused(auditor, world) -> None:
    address = search(auditor).redirect_chain[-1][0]
    response = auditor.get(address, {"before": "junk"})
    assert response.status_code == 400
    assert b"LOG-CURSOR" in response.content


def test_a_search_of_another_login_is_gone(auditor, world) -> None:
    address = search(auditor).redirect_chain[-1][0]
    other = make_auditor("林稽核").get(address)
    assert (other.status_code, b"LOG-GONE" in other.content) == (410, True)


def test_a_page_of_events_costs_the_same_for_one_and_for_many(auditor, world, round_trips) -> None:
    for _ in range(30):
        note(world)
    address = search(auditor, service="VBK").redirect_chain[-1][0]
    # Session, search, events, two look-ups of names, and the event with its savepoint.
    with round_trips(at_most=8):
        auditor.get(address)


class TestWhy:
    """Of one person, patient or institution the list says why, and paper too."""

    def test_stands_beside_each_event(self, auditor, world) -> None:
        patient = make_citizen()
        read = note(world, Action.READ_CARD, patient=patient)
        looked = note(world, Action.SHOW_BOOKING, patient=patient)
        refused = note(
            world,
            Action.BOOK_SLOT,
            patient=patient,
            outcome=Outcome.REFUSED,
            reason="slot_full",
            detail={"code": "VBK-FULL"},
        )
        page = search(auditor, patient_number=CITIZEN, patient_kind="NATIONAL_ID")
        whys = {line.event.id: line.why for line in page.context["found"].lines}
        assert "讀取" in whys[looked][0]
        assert whys[refused] == ["已拒絕：這個時段剛剛額滿。"]
        assert read in whys

    def test_costs_the_same_for_one_event_and_for_many(self, auditor, world, round_trips) -> None:
        for _ in range(30):
            note(world, Action.SHOW_BOOKING, patient=make_citizen())
        address = search(auditor, institution=world.institution.code).redirect_chain[-1][0]
        # As above; cards, visits and bookings around; and the two statements of summary and chart.
        with round_trips(at_most=16):
            auditor.get(address)

    def test_the_printed_answer_is_in_order_and_recorded(self, auditor, world, events) -> None:
        patient = make_citizen()
        numbers = [note(world, Action.SHOW_BOOKING, patient=patient) for _ in range(3)]
        page = search(auditor, institution=world.institution.code, purpose="LEGAL", note="C-9")
        sheet = auditor.get(page.redirect_chain[-1][0] + "print/")
        printed = [each.line.event.id for each in sheet.context["sheet"].lines]
        assert printed == numbers
        looked = events()[-1]
        assert (looked["action"], looked["purpose"]) == ("search_log", "LEGAL")
        assert (looked["detail"]["page"], looked["result_count"]) == ("print", 3)
        assert "王文彬" in sheet.content.decode()  # who printed it

    def test_paper_has_an_end_and_says_so(self, auditor, world, monkeypatch) -> None:
        monkeypatch.setattr(printing, "MOST", 2)
        numbers = [note(world) for _ in range(3)]
        page = search(auditor, institution=world.institution.code)
        sheet = auditor.get(page.redirect_chain[-1][0] + "print/")
        assert [each.line.event.id for each in sheet.context["sheet"].lines] == numbers[1:]
        assert "匯出" in sheet.content.decode()


class TestSavedSearches:
    def test_are_repeated_up_to_today_with_a_new_purpose(self, auditor, world) -> None:
        number = note(world)
        address = search(auditor, institution=world.institution.code).redirect_chain[-1][0]
        auditor.post(f"{address}save/", {"name": "健全藥局"})
        (saved,) = auditor.get("/oversight/log/").context["saved"]
        again = f"/oversight/log/saved/{saved.pk}/"
        assert auditor.post(again, {"purpose": ""}).status_code == 400
        found = auditor.post(again, {"purpose": "ROUTINE"}, follow=True)
        assert number in numbers(found)

    def test_have_one_name_each(self, auditor) -> None:
        address = search(auditor).redirect_chain[-1][0]
        auditor.post(f"{address}save/", {"name": "x"})
        twice = auditor.post(f"{address}save/", {"name": "x"})
        assert (twice.status_code, b"LOG-NAME" in twice.content) == (400, True)

    def test_a_wrong_name_shows_the_events_again_and_that_is_a_look(
        self, auditor, world, events
    ) -> None:
        number = note(world)
        address = search(auditor, institution=world.institution.code).redirect_chain[-1][0]
        before = len(events())
        page = auditor.post(f"{address}save/", {"name": ""})
        assert (page.status_code, number in numbers(page)) == (400, True)
        assert [each["action"] for each in events()[before:]] == ["search_log"]

    def test_belong_to_their_owner(self, auditor) -> None:
        address = search(auditor).redirect_chain[-1][0]
        auditor.post(f"{address}save/", {"name": "x"})
        (saved,) = auditor.get("/oversight/log/").context["saved"]
        other = make_auditor("林稽核")
        assert other.get(f"/oversight/log/saved/{saved.pk}/").status_code == 404
        assert other.post(f"/oversight/log/saved/{saved.pk}/remove/").status_code == 404

    def test_are_removed_with_an_event(self, auditor, events) -> None:
        address = search(auditor).redirect_chain[-1][0]
        auditor.post(f"{address}save/", {"name": "x"})
        (saved,) = auditor.get("/oversight/log/").context["saved"]
        auditor.post(f"/oversight/log/saved/{saved.pk}/remove/")
        assert auditor.get("/oversight/log/").context["saved"] == []
        assert "remove_search" in [each["action"] for each in events()]
