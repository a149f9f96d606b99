"""Cards and codes of many people: pages and a search, so that one lost card is found at once."""

import pytest

from apps.access.models import Membership
from apps.access.terms import MembershipRole
from tests.support.counting import RoundTrips
from tests.support.institution import NUMBERS, Clinic, make_registered
from tests.support.world import make_member, make_person

pytestmark = pytest.mark.django_db

PATH = "/account/people/"
OTHERS = (NUMBERS[4], NUMBERS[5])


@pytest.fixture
def clinic() -> Clinic:
    clinic = Clinic()
    for number in range(45):
        make_member(clinic.institution, make_person(f"使用者{number:02d}"))
    return clinic


def names(page) -> list[str]:
    return [each.person.name for each in page.context["shown"]]


def test_a_page_at_a_time(clinic, round_trips: RoundTrips) -> None:
    browser = clinic.browser(clinic.manager)
    with round_trips(at_most=8):
        first = browser.get(PATH)
    assert (len(names(first)), first.context["shown"].paginator.num_pages) == (20, 3)
    third = browser.post(PATH, {"page": "typed", "typed_page": "3"})
    seen = names(first) + names(browser.post(PATH, {"page": "2"})) + names(third)
    assert len(seen) == len(set(seen)) == 46
    assert clinic.manager.name not in seen


@pytest.mark.parametrize("search", ["志豪", NUMBERS[1], NUMBERS[1].lower()])
def test_one_person_is_found_by_name_or_whole_number(clinic, search) -> None:
    browser = clinic.browser(clinic.manager)
    page = browser.post(PATH, {"search": search})
    assert names(page) == ["張志豪"]
    assert f"/account/people/{clinic.user.pk}/block" in page.content.decode()


def test_part_of_a_number_and_people_of_elsewhere_are_not_found(clinic) -> None:
    other = Clinic(numbers=OTHERS)
    browser = clinic.browser(clinic.manager)
    for search in (NUMBERS[1][:6], OTHERS[1], "%", "\\"):
        page = browser.post(PATH, {"search": search})
        assert (page.status_code, names(page)) == (200, [])
    assert browser.post(f"{PATH}{other.user.pk}/code").status_code == 404
    assert browser.post(f"{PATH}{other.user.pk}/block").status_code == 404


def test_a_representative_finds_managers_only(clinic) -> None:
    second = make_registered(NUMBERS[2], "許美玲")
    make_member(clinic.institution, second, role=MembershipRole.MANAGER)
    browser = clinic.representative
    assert names(browser.get(PATH)) == sorted([clinic.manager.name, "許美玲"])
    assert names(browser.post(PATH, {"search": "志豪"})) == []


def test_a_code_for_somebody_of_the_last_page_is_shown(clinic) -> None:
    last = Membership.objects.filter(person__name="使用者44").get().person
    browser = clinic.browser(clinic.manager)
    page = browser.get(browser.post(f"{PATH}{last.pk}/code")["Location"])
    assert "data-registration-code" in page.content.decode()
    assert "使用者44" in page.content.decode()


def test_enter_after_a_typed_page_presses_its_own_button(clinic) -> None:
    """Enter presses the first button of a form; those of numbered pages stand in the same one."""
    html = clinic.browser(clinic.manager).get(PATH).content.decode()
    form = html.rsplit('<form method="post" action="/account/people/"', 1)[1]
    assert form.index('value="typed" hidden') < form.index('name="page" value="1"')
