"""A slip at somebody's first registration keeps nobody out for good: operators correct it by the card."""

import pytest

from apps.accounts.models import Person
from apps.accounts.services import service_account
from tests.support.institution import NUMBERS, Clinic, operator_browser
from tests.support.world import make_member, make_person

pytestmark = pytest.mark.django_db

SLIP = {"national_id": NUMBERS[2], "name": "許美鈴", "birth_date": "075/01/13"}
RIGHT = {"national_id": NUMBERS[2], "name": "許美玲", "birth_date": "075/01/31"}


def page_of(person: Person) -> str:
    return f"/backoffice/accounts/person/{person.pk}/"


def correct(person: Person, **typed: str) -> str:
    """What the page says afterwards."""
    values = {"name": "許美玲", "birth_date": "0750131", "reason": "來電核對卡片"} | typed
    data = {f"correct_person-{name}": value for name, value in values.items()}
    browser = operator_browser()
    assert browser.post(f"{page_of(person)}correct-person/", data).status_code == 302
    return browser.get(f"{page_of(person)}change/").content.decode()


@pytest.fixture
def somebody() -> Person:
    """Registered by a manager of one institution, wrongly."""
    clinic = Clinic()
    clinic.browser(clinic.manager).post("/access/users/add/", SLIP)
    return Person.objects.get(name="許美鈴")


def test_what_was_corrected_serves_at_every_institution(somebody, events) -> None:
    other = Clinic(numbers=(NUMBERS[4], NUMBERS[5]))
    browser = other.browser(other.manager)
    refused = browser.post("/access/users/add/", RIGHT).content.decode()
    assert "ACC-PERSON" in refused
    assert "審核單位" in refused.split("ACC-PERSON")[0]  # whom to ask
    correct(somebody)
    assert browser.post("/access/users/add/", RIGHT).status_code == 302
    somebody.refresh_from_db()
    assert (somebody.name, somebody.birth_date.isoformat()) == ("許美玲", "1986-01-31")
    (event,) = [each for each in events() if each["action"] == "correct_person"]
    assert (event["object_id"], event["detail"]["fields"]) == (str(somebody.pk), "birth_date,name")
    assert event["detail"]["note"] == "來電核對卡片"
    assert "許美" not in str(event)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": " "}, "請輸入姓名"),
        ({"birth_date": "0750231"}, "出生日期"),
        ({"birth_date": "2199-01-01"}, "出生日期"),
        ({"reason": ""}, "原因"),
        ({"name": "許美鈴", "birth_date": "0750113"}, "內容相同"),
    ],
)
def test_what_is_wrong_or_no_correction_changes_nothing(somebody, typed, says) -> None:
    assert says in correct(somebody, **typed)
    somebody.refresh_from_db()
    assert (somebody.name, somebody.birth_date.isoformat()) == ("許美鈴", "1986-01-13")


def test_the_page_shows_a_masked_number_and_no_birth_date(somebody) -> None:
    page = operator_browser().get(f"{page_of(somebody)}change/").content.decode()
    assert NUMBERS[2] not in page
    assert f"{NUMBERS[2][:4]}****{NUMBERS[2][-2:]}" in page
    assert not any(born in page for born in ("1986-01-13", "075/01/13", "0750113", "1986/01/13"))
    assert "健全藥局" in page


def test_the_list_costs_the_same_for_one_person_and_for_many(somebody, round_trips) -> None:
    browser = operator_browser()
    browser.get("/backoffice/accounts/person/")
    with round_trips(at_most=12) as few:
        browser.get("/backoffice/accounts/person/")
    clinic = Clinic(numbers=(NUMBERS[4], NUMBERS[5]))
    for number in range(20):
        make_member(clinic.institution, make_person(f"使用者{number:02d}"))
    with round_trips(at_most=len(few)):
        page = browser.get("/backoffice/accounts/person/").content.decode()
    assert page.count("使用者") == 20
    assert f"{NUMBERS[2][:4]}****{NUMBERS[2][-2:]}" in page


def test_an_institutions_own_account_is_nobody_to_correct() -> None:
    account = service_account(institution=Clinic().institution.pk, name="健全藥局")
    browser = operator_browser()
    data = {f"correct_person-{name}": "x" for name in ("name", "reason")}
    browser.post(
        f"{page_of(account)}correct-person/", data | {"correct_person-birth_date": "0750131"}
    )
    account.refresh_from_db()
    assert (account.name, account.birth_date) == ("健全藥局", None)
    assert browser.get(f"{page_of(account)}change/").status_code == 302
