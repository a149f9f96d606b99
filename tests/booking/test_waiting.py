"""The waiting list (C11): join, the rank and its reason, offers, accept, decline, leave, expire."""

from datetime import timedelta
from typing import Any

import pytest

from apps.booking.models import Booking, Campaign, Offer, Slot, WaitingEntry
from apps.booking.services.offers import offer_places
from apps.booking.services.queue import close_entries, expire_offers
from apps.booking.tasks import keep_waiting_lists
from apps.booking.terms import BookingState, OfferState, Priority, WaitingState
from apps.core import clock
from apps.core.models import OutboxMessage
from tests.support.booking import make_booking, make_entry, make_site, make_slot
from tests.support.counter import PHONE, Counter, code_of, page_of, reading_of
from tests.support.site import SiteDesk
from tests.support.world import in_days, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    """A site with one slot, which one person has taken."""
    made = Counter()
    made.second.delete()
    Slot.objects.filter(pk=made.first.pk).update(capacity=1)
    make_booking(made.first, institution=made.institution)
    return made


def path(counter: Counter, **card: Any) -> str:
    return f"/booking/{reading_of(counter.read_card(**card))}/waiting/"


def join(counter: Counter, **changes: Any) -> Any:
    """Fills in the form as it is shown and sends it."""
    where = f"{path(counter)}join/"
    page = counter.browser.get(where)
    return counter.browser.post(where, counter.fill(page, **changes))


def entry() -> WaitingEntry:
    return WaitingEntry.objects.get()


def only_booking_cancelled(counter: Counter) -> None:
    """The one who has the place gives it back at the counter."""
    booking = Booking.objects.get(slot=counter.first, state=BookingState.BOOKED)
    counter.browser.post(f"/booking/bookings/{booking.pk}/cancel/", {"revision": booking.revision})


def counters_hold() -> bool:
    return all(
        slot.booked
        == Booking.objects.holding().filter(slot=slot).count()
        + slot.offers.filter(state=OfferState.OPEN).count()
        for slot in Slot.objects.all()
    )


class TestJoin:
    def test_form_lists_sites_without_a_place_and_who_waits_there(self, counter) -> None:
        make_entry(counter.site)
        page = counter.browser.get(f"{path(counter)}join/")
        assert page_of(page) == "join_waiting_list"
        assert "培靈醫院-AZ（臺北市松山區八德路四段100號），1 人候補" in page.content.decode()

    def test_joined_shows_rank_and_reason_and_tells_the_person(self, counter, events) -> None:
        make_entry(counter.site)
        answer = join(counter)
        assert (answer.status_code, answer["Location"][-9:]) == (303, "/waiting/")
        page = counter.browser.get(answer["Location"])
        html = page.content.decode()
        assert 'data-rank="2"' in html
        assert "依登記順序" in html
        assert OutboxMessage.objects.filter(topic="waiting_joined").count() == 1
        actions = [event["action"] for event in events() if event["patient"]]
        assert actions[-2:] == ["join_waiting_list", "show_waiting"]

    def test_same_card_again_shows_the_rank(self, counter) -> None:
        join(counter)
        page = counter.browser.get(counter.read_card()["Location"], follow=True)
        assert page_of(page) == "show_waiting"

    def test_same_person_twice_waits_once(self, counter) -> None:
        where = f"{path(counter)}join/"
        form = counter.fill(counter.browser.get(where))
        answers = [counter.browser.post(where, form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert WaitingEntry.objects.count() == 1

    def test_nobody_waits_for_a_place_that_is_free(self, counter) -> None:
        make_slot(counter.site, days=3)
        answer = join(counter)
        assert (answer.status_code, code_of(answer)) == (409, "VBW-FREE")
        assert 'data-action="book_instead"' in answer.content.decode()
        other_days = {"first_day": in_days(4).isoformat(), "last_day": in_days(5).isoformat()}
        assert join(counter, **other_days).status_code == 303

    def test_whoever_has_a_booking_is_led_to_it(self, counter) -> None:
        Slot.objects.filter(pk=counter.first.pk).update(capacity=2)
        where = f"{path(counter)}join/"
        form = counter.fill(counter.browser.get(where))
        counter.book(counter.open_form())
        assert counter.browser.post(where, form)["Location"].endswith("/booking/")
        assert not WaitingEntry.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"phone": "12"}, "手機號碼須為 09 開頭共 10 碼數字"),
            ({"first_day": "2020-01-01"}, "起始日期已過。"),
            ({"last_day": "2020-01-01"}, "結束日期須在起始日期當日或之後"),
            ({"last_day": "x"}, "輸入有效的日期"),
            ({"consent": None}, "請確認民眾已閱讀並同意隱私權公告"),
            ({"site": "x"}, "請選擇施打地點"),
        ],
    )
    def test_bad_input_is_said_twice_and_keeps_the_rest(self, counter, changes, message) -> None:
        answer = join(counter, **changes)
        assert answer.status_code == 400
        assert answer.content.decode().count(message) == 2
        assert not WaitingEntry.objects.exists()

    def test_site_of_another_campaign_is_refused(self, counter) -> None:
        other = make_site(counter.campaign, institution=make_institution(), active=False)
        answer = join(counter, site=str(other.pk))
        assert (answer.status_code, code_of(answer)) == (409, "VBW-SITE")

    def test_without_javascript_the_lists_are_fetched_by_a_button(self, counter) -> None:
        page = join(counter, update="choices")
        assert (page.status_code, page.context["form"]["phone"].value()) == (200, PHONE)

    def test_htmx_gets_the_lists_alone(self, counter) -> None:
        part = counter.browser.get(f"{path(counter)}join/", headers={"HX-Request": "true"})
        assert "<html" not in part.content.decode()


class TestOffer:
    def test_cancelled_place_is_kept_for_the_next_in_line(self, counter, events) -> None:
        join(counter)
        make_entry(counter.site)
        only_booking_cancelled(counter)
        offer = Offer.objects.get()
        assert (offer.entry, offer.slot_id) == (entry_of(counter), counter.first.pk)
        assert counter.left(counter.first) == 0
        assert counters_hold()
        assert OutboxMessage.objects.filter(topic="place_offered").count() == 1
        (event,) = [event for event in events() if event["action"] == "offer_place"]
        assert (event["patient"], event["role"]) == (offer.entry.patient_id, "SYSTEM")

    def test_offer_is_shown_by_the_card_and_accepted_once(self, counter, events) -> None:
        join(counter)
        only_booking_cancelled(counter)
        page = counter.browser.get(counter.read_card()["Location"], follow=True)
        offer = Offer.objects.get()
        accept = f"{page.request['PATH_INFO']}offers/{offer.pk}/accept/"
        assert accept in page.content.decode()
        answers = [counter.browser.post(accept) for _ in range(2)]
        assert len({answer["Location"] for answer in answers}) == 1
        booking = Booking.objects.get(state=BookingState.BOOKED)
        assert (booking.phone, booking.slot_id) == (PHONE, counter.first.pk)
        assert page_of(counter.browser.get(answers[0]["Location"])) == "show_booking_by_card"
        assert counters_hold()
        assert entry().state == WaitingState.SERVED
        assert [e["action"] for e in events()].count("accept_offer") == 1
        assert OutboxMessage.objects.filter(topic="booking_made").count() == 1

    def test_declined_place_goes_on_and_the_rank_stays(self, counter) -> None:
        join(counter)
        following = make_entry(counter.site)
        only_booking_cancelled(counter)
        offer = Offer.objects.get()
        decline = f"{path(counter)}offers/{offer.pk}/decline/"
        for _ in range(2):
            assert counter.browser.post(decline).status_code == 303
        offer.refresh_from_db()
        assert offer.state == OfferState.DECLINED
        assert offer.entry.state == WaitingState.WAITING
        assert Offer.objects.get(state=OfferState.OPEN).entry == following
        assert counters_hold()
        assert 'data-rank="1"' in counter.browser.get(path(counter)).content.decode()

    def test_declined_by_all_is_free_for_everybody(self, counter) -> None:
        join(counter)
        only_booking_cancelled(counter)
        counter.browser.post(f"{path(counter)}offers/{Offer.objects.get().pk}/decline/")
        assert counter.left(counter.first) == 1
        assert offer_places() == 0
        assert counters_hold()

    def test_leaving_hands_the_place_on(self, counter) -> None:
        join(counter)
        following = make_entry(counter.site)
        only_booking_cancelled(counter)
        for _ in range(2):
            assert counter.browser.post(f"{path(counter)}leave/").status_code == 303
        assert Offer.objects.get(state=OfferState.OPEN).entry == following
        assert WaitingEntry.objects.get(state=WaitingState.LEFT).pk != following.pk
        assert counters_hold()

    def test_expired_offer_goes_to_the_next_and_its_person_behind(self, counter, events) -> None:
        join(counter)
        following = make_entry(counter.site)
        only_booking_cancelled(counter)
        Offer.objects.update(expires_at=clock.now() - timedelta(seconds=1))
        mine = entry_of(counter)
        late = f"{path(counter)}offers/{Offer.objects.get().pk}/accept/"
        assert code_of(counter.browser.post(late)) == "VBW-OVER"
        keep_waiting_lists()
        mine.refresh_from_db()
        assert (mine.state, mine.priority) == (WaitingState.WAITING, Priority.UNANSWERED)
        assert Offer.objects.get(state=OfferState.OPEN).entry == following
        assert OutboxMessage.objects.filter(topic="offer_expired").count() == 1
        assert [e["action"] for e in events()].count("expire_offer") == 1
        assert counters_hold()
        assert "逾期未回覆" in counter.browser.get(path(counter)).content.decode()

    def test_second_unanswered_offer_ends_the_entry(self, counter) -> None:
        make_entry(counter.site, priority=Priority.UNANSWERED)
        only_booking_cancelled(counter)
        Offer.objects.update(expires_at=clock.now())
        assert expire_offers() == 1
        assert entry().state == WaitingState.LAPSED
        assert counter.left(counter.first) == 1

    def test_offer_of_another_person_is_not_found(self, counter) -> None:
        join(counter)
        only_booking_cancelled(counter)
        make_entry(counter.site, patient_id=identity_of(counter, "A123456789"))
        other = path(counter, national_id="A123456789", name="林小明")
        for deed in ("accept", "decline"):
            answer = counter.browser.post(f"{other}offers/{Offer.objects.get().pk}/{deed}/")
            assert (answer.status_code, code_of(answer)) == (404, "ANK-404")

    def test_accepting_asks_again_whether_the_person_may(self, counter) -> None:
        join(counter)
        only_booking_cancelled(counter)
        Campaign.objects.update(min_age=60)
        answer = counter.browser.post(f"{path(counter)}offers/{Offer.objects.get().pk}/accept/")
        assert (answer.status_code, code_of(answer)) == (403, "VBK-C03")
        assert Offer.objects.get().state == OfferState.OPEN

    def test_who_booked_elsewhere_gets_no_offer_and_keeps_none(self, counter) -> None:
        join(counter)
        only_booking_cancelled(counter)
        elsewhere = make_slot(make_site(counter.campaign, institution=make_institution()))
        waiting = entry()
        make_booking(elsewhere, patient_id=waiting.patient_id)
        assert expire_offers() == 1
        assert entry().state == WaitingState.SERVED
        assert counter.left(counter.first) == 1
        assert counters_hold()


class TestWhoIsNext:
    def test_rank_counts_only_those_who_want_the_same_days(self, counter) -> None:
        make_entry(counter.site, first_day=in_days(50), last_day=in_days(60))
        make_entry(counter.site, priority=Priority.UNANSWERED)
        make_entry(make_site(counter.campaign, institution=make_institution()))
        join(counter)
        assert 'data-rank="1"' in counter.browser.get(path(counter)).content.decode()

    @pytest.mark.parametrize(
        "fields",
        [
            {"first_day": in_days(2), "last_day": in_days(9)},
            {"state": WaitingState.LEFT},
        ],
    )
    def test_place_that_nobody_waits_for_is_free(self, counter, fields) -> None:
        make_entry(counter.site, **fields)
        only_booking_cancelled(counter)
        assert (counter.left(counter.first), Offer.objects.count()) == (1, 0)

    def test_after_the_period_only_those_called_off_are_asked(self, counter) -> None:
        make_entry(counter.site)
        Campaign.objects.update(books_until=clock.now() - timedelta(minutes=1))
        Booking.objects.update(state=BookingState.CANCELLED)
        Slot.objects.update(booked=0)
        assert offer_places() == 0
        first = make_entry(counter.site, priority=Priority.CALLED_OFF)
        assert offer_places() == 1
        assert Offer.objects.get().entry == first

    def test_new_slots_and_more_places_go_to_who_waits(self, counter) -> None:
        for _ in range(3):
            make_entry(counter.site)
        make_slot(counter.site, days=4, capacity=2)
        assert offer_places(site=counter.site.pk) == 2
        assert counters_hold()

    @pytest.mark.parametrize(
        ("begins_in", "ends_in", "kept_for"),
        [
            (timedelta(days=3), timedelta(days=3, hours=1), timedelta(hours=24)),
            (timedelta(hours=5), timedelta(hours=6), timedelta(hours=3)),
            (timedelta(hours=1), timedelta(hours=2), timedelta(minutes=30)),
            (-timedelta(minutes=5), timedelta(minutes=40), timedelta(minutes=25)),
            (-timedelta(minutes=40), timedelta(minutes=20), None),
        ],
        ids=["far", "today", "soon", "running", "nearly over"],
    )
    def test_how_long_a_place_is_kept(self, counter, begins_in, ends_in, kept_for) -> None:
        now = clock.now()
        make_entry(counter.site, first_day=in_days(-1))
        Slot.objects.update(begins_at=now + begins_in, ends_at=now + ends_in, booked=0)
        assert offer_places() == (0 if kept_for is None else 1)
        for offer in Offer.objects.all():
            assert abs(offer.expires_at - offer.offered_at - kept_for) < timedelta(seconds=10)

    def test_what_is_over_leaves_the_list(self, counter) -> None:
        over = make_entry(counter.site, first_day=in_days(-9), last_day=in_days(-1))
        served = make_entry(counter.site)
        make_booking(make_slot(counter.site, days=5), patient_id=served.patient_id)
        waits = make_entry(counter.site)
        assert close_entries() == 2
        states = dict(WaitingEntry.objects.values_list("pk", "state"))
        assert states == {
            over.pk: WaitingState.LAPSED,
            served.pk: WaitingState.SERVED,
            waits.pk: WaitingState.WAITING,
        }


class TestAtTheSite:
    def test_list_shows_order_reason_and_kept_place(self, events) -> None:
        desk = SiteDesk()
        joined = make_entry(desk.site)
        first = make_entry(desk.site, priority=Priority.CALLED_OFF)
        make_slot(desk.site, capacity=1)
        offer_places()
        page = desk.get("waiting")
        assert [each.pk for each in page.context["entries"]] == [first.pk, joined.pk]
        html = page.content.decode()
        assert "原預約由施打地點取消" in html
        assert "保留至" in html
        shown = [e["patient"] for e in events() if e["action"] == "show_waiting_list"]
        assert sorted(shown) == sorted([first.patient_id, joined.patient_id])

    def test_more_capacity_and_a_no_show_make_offers(self) -> None:
        desk = SiteDesk()
        slot = make_slot(desk.site, capacity=1)
        make_booking(slot)
        make_entry(desk.site)
        desk.browser.post(f"/booking/slots/{slot.pk}/", {"capacity": 2})
        assert Offer.objects.get().slot == slot
        now = clock.now()
        Slot.objects.update(begins_at=now - timedelta(minutes=5), ends_at=now + timedelta(hours=1))
        make_entry(desk.site)
        Booking.objects.filter(slot__begins_at__date=clock.today())
        booking = Booking.objects.get()
        desk.browser.post(f"/booking/arrivals/{booking.pk}/no-show/")
        assert Offer.objects.count() == 2
        assert counters_hold()

    def test_called_off_stand_first_and_are_offered_the_next_place(self, events) -> None:
        desk = SiteDesk()
        joined = make_entry(desk.site)
        booking = make_booking(make_slot(desk.site, capacity=1))
        make_slot(desk.site, days=9, capacity=1)
        Slot.objects.filter(booked=0).update(closed=True)
        desk.post("day", "cancel", day=in_days(1).isoformat(), sure="on")
        own = WaitingEntry.objects.get(patient=booking.patient_id)
        assert (own.priority, own.first_day) == (Priority.CALLED_OFF, in_days(2))
        Slot.objects.filter(booked=0, begins_at__date=in_days(9)).update(closed=False)
        offer_places()
        assert Offer.objects.get().entry == own
        assert joined.pk != own.pk

    def test_called_off_day_takes_its_offers_back(self) -> None:
        desk = SiteDesk()
        waiting = make_entry(desk.site)
        make_slot(desk.site, capacity=1)
        offer_places()
        desk.post("day", "cancel", day=in_days(1).isoformat(), sure="on")
        waiting.refresh_from_db()
        assert (waiting.state, waiting.priority) == (WaitingState.WAITING, Priority.JOINED)
        assert Offer.objects.get().state == OfferState.WITHDRAWN
        assert OutboxMessage.objects.filter(topic="offer_withdrawn").count() == 1
        assert counters_hold()


def entry_of(counter: Counter) -> WaitingEntry:
    """Of the person of the counter's card, who joined there."""
    return WaitingEntry.objects.get(institution=counter.institution)


def identity_of(counter: Counter, number: str) -> Any:
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind

    return identify(kind=IdentifierKind.NATIONAL_ID, value=number)
