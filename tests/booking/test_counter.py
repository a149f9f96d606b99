"""The booking pages at the counter: what each page shows, refuses, remembers and records."""

import uuid

import pytest
from django.db import connection

from apps.access.services import close_grant
from apps.booking.models import Booking, Site
from apps.core import clock
from tests.support.booking import make_site, make_slot
from tests.support.cards import NHI_CARD
from tests.support.counter import Counter, born, code_of, page_of, reading_of
from tests.support.world import BY, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_start_page_offers_the_card_button_with_its_key(counter) -> None:
    page = counter.browser.get("/booking/")
    html = page.content.decode()
    assert page_of(page) == "start_booking"
    assert 'data-action="read_card" aria-keyshortcuts="F2"' in html


def test_form_shows_the_person_masked_and_preselects_the_first_free_slot(counter, events) -> None:
    page = counter.open_form()
    html = page.content.decode()
    assert (page.status_code, page_of(page)) == (200, "book_slot")
    assert "C121****09" in html
    assert NHI_CARD["name"] in html
    assert NHI_CARD["national_id"] not in html
    assert page.context["form"]["slot"].value() == str(counter.first.pk)
    (event,) = [event for event in events() if event["action"] == "check_eligibility"]
    assert (event["outcome"], event["grant_id"]) == ("permitted", counter.grant.pk)
    assert event["patient"] is not None


def test_booking_leads_to_its_result_and_slip(counter, events) -> None:
    answer = counter.book(counter.open_form())
    booking = Booking.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/booking/bookings/{booking.pk}/")
    result = counter.browser.get(answer["Location"])
    slip = counter.browser.get(f"{answer['Location']}slip/")
    for page in (result, slip):
        html = page.content.decode()
        assert booking.full_number in html
        assert "C121****09" in html
        assert NHI_CARD["national_id"] not in html
    assert 'data-action="print_slip" autofocus' in result.content.decode()
    assert "<svg" in slip.content.decode()
    actions = [e["action"] for e in events() if e["patient"] == booking.patient_id]
    assert actions[-4:] == ["check_eligibility", "book_slot", "show_booking", "print_slip"]


def test_place_of_the_last_booking_is_chosen_for_the_next_citizen(counter) -> None:
    other = make_site(counter.campaign, brand="MO", institution=counter.site.institution)
    slot = make_slot(other, days=3)
    page = counter.open_form()
    chosen = {"site": str(other.pk), "date": str(clock.day_of(slot.begins_at))}
    place = {name: page.context["form"][name].value() for name in ("city", "district")}
    offered = "|".join([*place.values(), *chosen.values()])
    assert counter.book(page, slot=str(slot.pk), offered=offered, **chosen).status_code == 303
    following = counter.open_form(national_id="A123456789", name="林小明")
    assert following.context["form"]["site"].value() == str(other.pk)


def test_same_form_twice_is_one_booking(counter) -> None:
    page = counter.open_form()
    first, again = counter.book(page), counter.book(page)
    assert first["Location"] == again["Location"]
    assert Booking.objects.count() == 1


def test_same_key_with_another_phone_is_refused(counter) -> None:
    page = counter.open_form()
    counter.book(page)
    again = counter.book(page, phone="0987654321")
    assert (again.status_code, code_of(again)) == (422, "VBK-KEY")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"phone": ""}, "請輸入手機號碼"),
        ({"phone": "０９１２３４５６７８"}, "手機號碼請以半形數字輸入"),
        ({"phone": "091234567"}, "手機號碼須為 09 開頭共 10 碼數字"),
        ({"phone": "09123456789"}, "手機號碼須為 09 開頭共 10 碼數字"),
        ({"phone": "' OR 1=1 --"}, "手機號碼須為 09 開頭共 10 碼數字"),
        ({"consent": None}, "請確認民眾已閱讀並同意隱私權公告"),
        ({"slot": None}, "請選擇時段"),
        ({"slot": "x"}, "請選擇時段"),
        ({"city": "高雄市"}, "施打地點或日期已變更，請重新選擇時段"),
    ],
)
def test_errors_stand_in_the_summary_and_beside_the_field(counter, changes, message) -> None:
    page = counter.book(counter.open_form(), **changes)
    html = page.content.decode()
    assert page.status_code == 400
    assert html.count(message) == 2
    assert "<title>錯誤：" in html
    assert Booking.objects.count() == 0


def test_error_keeps_what_was_typed_and_the_key(counter) -> None:
    page = counter.open_form()
    again = counter.book(page, consent=None, slot=str(counter.first.pk))
    assert again.context["form"]["phone"].value() == "0912345678"
    assert str(again.context["form"]["key"].value()) == str(page.context["form"]["key"].value())


def test_spaces_and_hyphens_in_the_phone_are_forgiven(counter) -> None:
    assert counter.book(counter.open_form(), phone="0912-345 678").status_code == 303
    assert Booking.objects.get().phone == "0912345678"


def test_slot_that_filled_meanwhile_offers_the_others(counter, events) -> None:
    page = counter.open_form()
    type(counter.first).objects.filter(pk=counter.first.pk).update(booked=2)
    answer = counter.book(page)
    assert (answer.status_code, code_of(answer)) == (409, "VBK-FULL")
    form = answer.context["form"]
    assert form["phone"].value() == "0912345678"
    assert form["slot"].value() == str(counter.second.pk)
    refused = [e for e in events() if e["outcome"] == "refused"]
    assert [(e["action"], e["reason"]) for e in refused] == [("book_slot", "slot_full")]


def test_not_eligible_shows_the_manuals_words_once_recorded(counter, events) -> None:
    page = counter.open_form(birth_date=born(8))
    html = page.content.decode()
    assert (page.status_code, code_of(page)) == (403, "VBK-C02")
    assert "您不符合本期可施打資格[C][VBK-C02]" in html
    assert "未完成意願登記，也不屬於本期施打之類別對象。" in html
    assert 'data-action="read_card"' in html
    refused = [e for e in events() if e["outcome"] == "refused"]
    assert [(e["action"], e["reason"]) for e in refused] == [("check_eligibility", "listed")]


def test_same_card_again_shows_the_earlier_booking(counter) -> None:
    counter.book(counter.open_form())
    back = counter.read_card()
    page = counter.browser.get(back["Location"], follow=True)
    assert page_of(page) == "show_booking_by_card"
    assert "前次預約登錄結果" in page.content.decode()
    slip = counter.browser.get(f"/booking/{reading_of(back)}/slip/")
    assert Booking.objects.get().full_number in slip.content.decode()


def test_booking_of_another_institution_is_not_found(counter) -> None:
    counter.book(counter.open_form())
    booking = Booking.objects.get()
    Booking.objects.filter(pk=booking.pk).update(institution=make_institution())
    for path in ("", "slip/"):
        page = counter.browser.get(f"/booking/bookings/{booking.pk}/{path}")
        assert (page.status_code, code_of(page)) == (404, "ANK-404")


def test_reading_of_another_session_opens_nothing(counter) -> None:
    for path in ("", "booking/", "slip/"):
        page = counter.browser.get(f"/booking/{uuid.uuid4()}/{path}")
        assert (page.status_code, code_of(page)) == (410, "READING-GONE")


def test_next_click_after_the_grant_was_closed_is_refused(counter, events) -> None:
    page = counter.open_form()
    close_grant(grant=counter.grant.pk, reason="離職", by=BY)
    answer = counter.book(page)
    assert (answer.status_code, code_of(answer)) == (403, "ACC-403")
    assert "請洽貴機構的機構管理者確認您的授權。" in answer.content.decode()
    assert events()[-1]["reason"] == "not_granted"
    assert Booking.objects.count() == 0


def test_change_of_site_swaps_only_the_choices(counter) -> None:
    path = counter.read_card()["Location"]
    form = counter.browser.get(path).context["form"]
    query = {name: form[name].value() for name in ("city", "district", "site")}
    day = str(clock.day_of(counter.second.begins_at))
    part = counter.browser.get(
        f"{path}slots/", query | {"date": day}, headers={"HX-Request": "true"}
    )
    html = part.content.decode()
    assert "<html" not in html
    assert 'id="choices"' in html
    assert part.context["form"]["slot"].value() == str(counter.second.pk)


def test_choices_without_javascript_keep_what_was_typed(counter) -> None:
    page = counter.open_form()
    day = str(clock.day_of(counter.second.begins_at))
    again = counter.book(page, date=day, update="choices")
    form = again.context["form"]
    assert (again.status_code, form["phone"].value()) == (200, "0912345678")
    assert form["slot"].value() == str(counter.second.pk)
    assert Booking.objects.count() == 0


def test_no_free_slot_is_said(counter) -> None:
    type(counter.first).objects.update(closed=True)
    assert 'data-code="VBK-NONE"' in counter.open_form().content.decode()


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_pages_follow_the_language_switch(counter, language) -> None:
    counter.browser.cookies["ankang_language"] = language
    html = counter.open_form().content.decode()
    assert ("Confirm and send" in html, "確認送出" in html) == (language == "en", language != "en")


@pytest.mark.django_db(transaction=True)
def test_booking_request_is_three_round_trips(django_assert_max_num_queries) -> None:
    """The session with its decision, the reading with eligibility, and the booking itself."""
    counter = Counter()
    page = counter.open_form()
    filled = counter.fill(page)
    with django_assert_max_num_queries(3):
        answer = counter.browser.post(page.request["PATH_INFO"], filled)
    assert answer.status_code == 303


@pytest.mark.django_db(transaction=True)
def test_form_costs_at_most_eight_round_trips(django_assert_max_num_queries) -> None:
    counter = Counter()
    path = counter.read_card()["Location"]
    with django_assert_max_num_queries(8):
        assert counter.browser.get(path).status_code == 200


def make_sites(count: int) -> None:
    """Institutions all over the country, each with one slot in the counter's campaign; by the database,
    because thousands of objects take longer than a transaction may on a machine that is busy.
    """
    statements = (
        """INSERT INTO institutions_institution (id, code, name, kind, contracted,
               offers_video_consultation, has_emergency_department, district_id, address, phone, branch,
               status)
           SELECT gen_random_uuid(), '70' || lpad(n::text, 8, '0'), '診所', 'CLINIC', true, false, false,
               district.code, '', '', '', 'ACTIVE'
           FROM generate_series(1, %s) n JOIN (
               SELECT code, row_number() OVER (ORDER BY position) - 1 AS place, count(*) OVER () AS many
               FROM institutions_district) district ON district.place = n %% district.many""",
        """INSERT INTO booking_site (id, campaign_id, institution_id, brand, active)
           SELECT gen_random_uuid(), campaign.id, institution.id, 'AZ', true
           FROM institutions_institution institution, booking_campaign campaign
           WHERE institution.code LIKE '70%%'""",
        """INSERT INTO booking_slot (id, site_id, begins_at, ends_at, capacity, booked, closed)
           SELECT gen_random_uuid(), site.id, now() + interval '1 day', now() + interval '25 hours', 5, 0,
               false
           FROM booking_site site JOIN institutions_institution institution
             ON institution.id = site.institution_id WHERE institution.code LIKE '70%%'""",
    )
    with connection.cursor() as cursor:
        cursor.execute(statements[0], [count])
        for statement in statements[1:]:
            cursor.execute(statement, [])
    assert Site.objects.count() > count


def test_free_slots_of_five_thousand_sites_are_six_round_trips(
    counter, django_assert_max_num_queries
) -> None:
    path = counter.read_card()["Location"]
    make_sites(5000)
    with django_assert_max_num_queries(6):
        page = counter.browser.get(
            f"{path}slots/", {"city": "高雄市"}, headers={"HX-Request": "true"}
        )
    assert page.status_code == 200
    assert "高雄市" in page.content.decode()
