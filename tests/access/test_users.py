"""機構使用者維護作業: the manager adds, lists and ends users."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.access.models import Grant, Membership, Practice
from apps.access.policies import decide
from apps.access.terms import MembershipRole, MembershipState, Reason
from apps.accounts.models import Person, PlatformRole, Session
from apps.accounts.terms import SessionRole
from tests.support.counting import RoundTrips
from tests.support.institution import NUMBERS, Clinic, make_number, make_registered
from tests.support.world import grant, in_days, make_institution, make_member, make_person

pytestmark = pytest.mark.django_db

NEW = {"national_id": NUMBERS[2], "name": "許美玲", "birth_date": "1986-01-31"}


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
def browser(clinic):
    return clinic.browser(clinic.manager)


def upload(browser, text: str, encoding: str = "utf-8"):
    file = SimpleUploadedFile("users.csv", text.encode(encoding))
    return browser.post("/access/users/file/", {"people-file": file})


def test_a_user_is_added_without_any_right(clinic, browser, events) -> None:
    assert browser.post("/access/users/add/", NEW).status_code == 302
    person = Person.objects.get(name="許美玲")
    assert clinic.membership(person).role == MembershipRole.USER
    assert not Grant.objects.filter(user=person).exists()
    assert [event["action"] for event in events()] == ["add_user"]


def test_no_field_of_the_form_makes_a_manager(clinic, browser) -> None:
    browser.post("/access/users/add/", NEW | {"role": "MANAGER", "institution": "other"})
    person = Person.objects.get(name="許美玲")
    assert clinic.membership(person).role == MembershipRole.USER
    assert not Membership.objects.filter(person=person, role=MembershipRole.MANAGER).exists()


def test_the_list_masks_numbers_and_finds_by_name_and_by_whole_number(clinic, browser) -> None:
    by_name = browser.post("/access/users/", {"search": "志豪"}).content.decode()
    assert "張志豪" in by_name
    assert 'data-table="users"' in by_name
    assert "A223****81" not in by_name
    by_number = browser.post("/access/users/", {"search": NUMBERS[1].lower()})
    assert [line.membership.person for line, _proved in by_number.context["lines"]] == [clinic.user]
    assert "Location" not in by_number
    part = browser.post("/access/users/", {"search": NUMBERS[1][:6]})
    assert part.context["lines"] == []


def test_another_institutions_users_are_never_listed(clinic, browser) -> None:
    make_member(make_institution(), make_registered(NUMBERS[3], "王別人"))
    for search in ("", "王別人", NUMBERS[3]):
        page = browser.post("/access/users/", {"search": search})
        assert "王別人</td>" not in page.content.decode()


def test_ending_a_user_ends_the_grants_and_the_next_click(clinic, browser, events) -> None:
    grant(clinic.user, clinic.entitlement)
    session = clinic.browser(clinic.user).session_id
    assert decide(session=session, service="VBK").permit
    path = f"/access/users/{clinic.membership(clinic.user).pk}/end/"
    assert "張志豪" in browser.get(path).content.decode()
    browser.post(path)
    assert not Grant.objects.filter(user=clinic.user).exists()
    assert decide(session=session, service="VBK").reason == Reason.MEMBERSHIP_ENDED
    assert [event["action"] for event in events()][-2:] == ["end_user", "close_grant"]


def test_a_returning_user_does_not_get_the_old_grants_back(clinic, browser) -> None:
    grant(clinic.user, clinic.entitlement)
    browser.post(f"/access/users/{clinic.membership(clinic.user).pk}/end/")
    browser.post(
        "/access/users/add/",
        {"national_id": NUMBERS[1], "name": "張志豪", "birth_date": "1980-01-01"},
    )
    session = clinic.browser(clinic.user).session_id
    assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED


def test_a_manager_is_not_ended_through_the_users_page(clinic, browser) -> None:
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    assert browser.post(f"/access/users/{membership.pk}/end/").status_code == 404
    membership.refresh_from_db()
    assert membership.state == MembershipState.ACTIVE


def test_only_the_register_or_the_card_proves_a_profession(clinic, browser) -> None:
    assert "未佐證" in browser.get("/access/users/").content.decode()
    Practice.objects.create(
        practitioner=clinic.user.identity, institution=clinic.institution, profession="D"
    )
    html = browser.post("/access/users/", {"search": "張志豪"}).content.decode()
    assert "藥師" in html
    assert "執業登記" in html


def test_the_register_counts_for_a_card_that_names_no_profession(clinic) -> None:
    grant(clinic.user, clinic.entitlement)
    session = clinic.browser(clinic.user).session_id

    Session.objects.filter(id=session).update(profession="")
    assert decide(session=session, service="VBK").reason == Reason.WRONG_PROFESSION
    line = Practice.objects.create(
        practitioner=clinic.user.identity, institution=clinic.institution, profession="D"
    )
    assert decide(session=session, service="VBK").permit
    line.valid_until = in_days(-1)
    line.save()
    assert decide(session=session, service="VBK").reason == Reason.WRONG_PROFESSION


GOOD = f"身分證號,姓名,生日\n{NUMBERS[2]},許美玲,0750131\n{NUMBERS[3]},李淑芬,1975/3/4\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950"])
def test_a_file_adds_everybody_in_any_usual_encoding(clinic, browser, encoding) -> None:
    assert upload(browser, GOOD, encoding).status_code == 302
    assert Membership.objects.filter(institution=clinic.institution).count() == 5


def test_the_same_file_again_adds_nobody(clinic, browser) -> None:
    upload(browser, GOOD)
    assert upload(browser, GOOD).status_code == 302
    assert Membership.objects.filter(institution=clinic.institution).count() == 5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("姓名,生日\n許美玲,0750131\n", "第 1 列"),
        ("身分證號,姓名,生日\nF226789010,許美玲,0750131\n", "第 2 列"),
        (GOOD + f"{NUMBERS[2]},許美玲,0750131\n", "第 4 列"),
        (GOOD + f"{NUMBERS[0]},別的名字,0750131\n", "第 4 列"),
    ],
    ids=["no column of numbers", "a wrong check digit", "somebody twice", "another's name"],
)
def test_one_wrong_line_and_nobody_is_added(clinic, browser, text, line) -> None:
    page = upload(browser, text)
    assert page.status_code == 400
    assert line in page.content.decode()
    assert Membership.objects.filter(institution=clinic.institution).count() == 3


def test_a_file_that_is_no_text_is_refused(browser) -> None:
    file = SimpleUploadedFile("users.csv", b"\xff\xfe\x00\x81\xff")
    page = browser.post("/access/users/file/", {"people-file": file})
    assert page.status_code == 400


def test_a_user_who_is_no_manager_is_refused_and_it_is_recorded(clinic, events) -> None:
    page = clinic.browser(clinic.user).get("/access/users/")
    assert page.status_code == 403
    (event,) = events()
    assert (event["outcome"], event["reason"]) == ("refused", "not_manager")


def test_line_ends_of_three_kinds_in_one_big5_file(clinic, browser) -> None:
    text = f"身分證號,姓名,生日\r{NUMBERS[2]},許美玲,070/01/02\r\n{NUMBERS[3]},李淑芬,1981/3/4\n"
    file = SimpleUploadedFile("users.csv", text.encode("cp950"))
    assert browser.post("/access/users/file/", {"people-file": file}).status_code == 302
    assert Membership.objects.filter(person__name__in=["許美玲", "李淑芬"]).count() == 2


def test_a_file_with_a_nul_names_its_line(clinic, browser) -> None:
    file = SimpleUploadedFile("users.csv", b"national_id,name,birth_date\nA\0,x,y\n")
    page = browser.post("/access/users/file/", {"people-file": file})
    assert page.status_code == 400
    assert [each.line for each in page.context["file_errors"]] == [2]


LINE = f"{NUMBERS[2]},許美玲,0750131\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f"姓名, 身分證 號 ,生日\n許美玲,{NUMBERS[2]},75/1/31\n".encode(), id="order"),
        pytest.param(
            f"ＮＡＭＥ,National ID,birthday\nx,{NUMBERS[2]},1986.1.31\n".encode(), id="width"
        ),
        pytest.param(
            f'身分證號,姓名,生日\n="{NUMBERS[2]}",許美玲,="0750131"\n'.encode(), id="told"
        ),
        pytest.param(f"\ufeff身分證號,姓名,生日\n\ufeff{LINE}".encode("utf-8-sig"), id="marks"),
        pytest.param(
            f"身分證號,姓名,生日,備註\n\n{LINE.strip()},MANAGER\n,,,\n".encode(), id="more"
        ),
        pytest.param(
            f"身分證號,姓名,生日\n{NUMBERS[2]},林堃喆㗎,0750131\n".encode("big5hkscs"), id="rare"
        ),
    ],
)
def test_what_spreadsheets_make_of_a_file_of_people(clinic, browser, data) -> None:
    file = SimpleUploadedFile("users.csv", data)
    answer = browser.post("/access/users/file/", {"people-file": file})
    assert answer.status_code == 302, answer.context["file_errors"]
    person = Membership.objects.exclude(person__in=[clinic.manager, clinic.user]).get().person
    assert person.birth_date.isoformat() == "1986-01-31"
    assert clinic.membership(person).role == MembershipRole.USER


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"PK\x03\x04rest", 1, "Excel"),
        (b"%PDF-1.7", 1, "PDF"),
        (f'身分證號,姓名,生日\n{LINE}"A123,x,y\n{LINE}'.encode(), 4, "CSV"),
        (f"身分證號,姓名,生日\n{NUMBERS[2]},{'許' * 1_000_000},0750131\n".encode(), 1, "5,000"),
        (f"身分證號,姓名,生日\n{NUMBERS[2]},{'許' * 200_000},0750131\n".encode(), 2, "CSV"),
        (f"身分證號,姓名,生日\n{NUMBERS[2]},許美玲,7.50131E+05\n".encode(), 2, "出生日期"),
        (f"身分證號,姓名,生日\n{NUMBERS[2]},許美玲,0751331\n".encode(), 2, "出生日期"),
        ("身分證號,姓名,生日\nＡ２２３４５６７８１,許美玲,0750131\n".encode(), 2, "半形"),
        (f"身分證號,姓名\n{LINE}".encode(), 1, "第一列"),
        (b"\xff\xfeA\0", 1, "UTF-8"),
    ],
)
def test_a_broken_file_of_people_is_told_by_line_and_adds_nobody(
    clinic, browser, data, line, says
) -> None:
    page = browser.post("/access/users/file/", {"people-file": SimpleUploadedFile("u.csv", data)})
    assert page.status_code == 400
    (wrong,) = page.context["file_errors"]
    assert (wrong.line, says in str(wrong.message)) == (line, True), wrong
    assert Membership.objects.count() == 3


def test_every_person_who_is_somebody_else_is_told_by_the_line_of_the_file(
    clinic, browser, events
) -> None:
    """Blank lines count, as in the program that shows the file."""
    text = f"身分證號,姓名,生日\n\n{NUMBERS[0]},別的名字,0750131\n{LINE},,\n\n{NUMBERS[1]},又一個,0750131\n"
    page = upload(browser, text)
    assert [each.line for each in page.context["file_errors"]] == [3, 7]
    assert all("ACC-PERSON" in each.message for each in page.context["file_errors"])
    assert Membership.objects.count() == 3
    (event,) = events()
    assert (event["outcome"], event["reason"]) == ("refused", "name_differs")


def test_an_empty_file_of_people_is_refused(clinic, browser) -> None:
    page = browser.post("/access/users/file/", {"people-file": SimpleUploadedFile("u.csv", b"")})
    assert page.status_code == 400
    assert "file" in page.context["file_form"].errors


def test_ending_a_user_ends_the_grants_of_somebody_who_still_manages(clinic, browser) -> None:
    """Nobody could see or untick them: the table of ticks lists users only."""
    grant(clinic.manager, clinic.entitlement)
    session = clinic.browser(clinic.manager).session_id
    assert decide(session=session, service="VBK").permit
    browser.post(f"/access/users/{clinic.membership(clinic.manager).pk}/end/")
    assert not Grant.objects.filter(user=clinic.manager).exists()
    assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED
    assert browser.get("/access/users/").status_code == 200


# Which button was pressed, what stands in the field beside it, and the page that is then shown.
PAGES = [
    ({"page": "2"}, 2),
    ({"page": "typed", "typed_page": "3"}, 3),
    ({"typed_page": " 3 "}, 3),  # Enter presses the search button, which has no name here
    ({"page": "2", "typed_page": "3"}, 2),
    ({"page": "typed", "typed_page": ""}, 1),
    ({"page": "typed", "typed_page": "x"}, 1),
    ({"page": "typed", "typed_page": "99999"}, 3),
    ({"page": "typed", "typed_page": "0"}, 3),
    ({"page": "9" * 5000}, 1),
    ({"page": "-1"}, 3),
]


@pytest.mark.parametrize(("posted", "shown"), PAGES)
def test_a_page_is_reached_by_its_number_or_by_typing_it(clinic, browser, posted, shown) -> None:
    """Manual 3, 五(四): 到第 1 頁."""
    for number in range(50):
        make_member(clinic.institution, make_person(f"使用者{number:02d}"))
    page = browser.post("/access/users/", posted)
    assert (page.status_code, page.context["members"].page.number) == (200, shown)
    assert 'name="typed_page"' in page.content.decode()


def test_a_file_of_5000_people_takes_a_handful_of_statements(
    clinic, browser, round_trips: RoundTrips, events
) -> None:
    """A statement for each line took longer than any connection lives."""
    lines = [f"{make_number('R', serial)},員{serial:04d},0750131" for serial in range(5000)]
    with round_trips(at_most=60):
        answer = upload(browser, "\n".join(["身分證號,姓名,生日", *lines]))
    assert answer.status_code == 302
    users = Membership.objects.filter(institution=clinic.institution, role=MembershipRole.USER)
    assert users.count() == 5002
    added = [each for each in events() if each["action"] == "add_user"]
    assert len({each["object_id"] for each in added}) == 5000
    assert Person.objects.get(name="員4999").birth_date.isoformat() == "1986-01-31"
    with round_trips(at_most=60):
        upload(browser, "\n".join(["身分證號,姓名,生日", *lines]))
    assert users.count() == 5002


def test_a_file_completes_who_was_known_without_a_birth_date_and_renames_nobody(
    clinic, browser
) -> None:
    known = make_registered(NUMBERS[2], "許美玲")
    former = make_registered(NUMBERS[3], "李淑芬", birth_date="1975-03-04")
    ended = make_member(clinic.institution, former, valid_until=in_days(-1))
    assert upload(browser, GOOD).status_code == 302
    known.refresh_from_db()
    assert known.birth_date.isoformat() == "1986-01-31"
    states = Membership.objects.filter(person=ended).order_by("-state").values_list("state")
    assert set(states) == {(MembershipState.ENDED,), (MembershipState.ACTIVE,)}


def test_a_file_makes_no_auditor_a_user(clinic, browser, events) -> None:
    auditor = make_registered(NUMBERS[3], "李淑芬")
    PlatformRole.objects.create(person=auditor, role=SessionRole.AUDITOR)
    page = upload(browser, GOOD)
    assert [each.line for each in page.context["file_errors"]] == [3]
    assert "ACC-EXCLUDED" in page.content.decode()
    assert not Person.objects.filter(name="許美玲").exists()
    assert events()[-1]["reason"] == "auditor"


def test_without_a_file_the_page_begins_with_what_is_missing(browser) -> None:
    page = browser.post("/access/users/file/", {}).content.decode()
    assert page.count("data-error-summary") == 1


def test_a_refusal_of_a_form_is_said_once(browser) -> None:
    page = browser.post("/access/users/add/", NEW | {"national_id": NUMBERS[1]}).content.decode()
    assert page.count("ACC-PERSON") == 1


def test_there_is_no_year_0(browser) -> None:
    for born in ("0000101", "000/01/01", "00/1/1", "0000-01-01"):
        page = browser.post("/access/users/add/", NEW | {"birth_date": born})
        assert "birth_date" in page.context["form"].errors
