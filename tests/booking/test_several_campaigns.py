"""Two campaigns at once, as every autumn: a citizen may book in each, and wait in each."""

from typing import Any

import pytest

from apps.booking.models import Booking, Campaign, Offer, Slot, WaitingEntry
from apps.booking.terms import BookingState, OfferState, WaitingState
from tests.support.booking import make_booking, make_campaign, make_entry, make_site, make_slot
from tests.support.counter import Counter, code_of, page_of, reading_of
from tests.support.world import in_days

pytestmark = pytest.mark.django_db
COVID, FLU = "AZ01", "FLU115"


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def flu(counter: Counter) -> Campaign:
    """The second campaign to open, with a site of its own."""
    campaign = make_campaign(
        code=FLU, name="115年度公費流感疫苗", prefix="FL,115", vaccine_id="FLU", brands=["VAXI"]
    )
    make_slot(make_site(campaign, brand="VAXI"), days=3)
    return campaign


def book(counter: Counter, page: Any) -> Any:
    """Sends the form to where it says that it goes."""
    return counter.browser.post(page.context["citizen"].form_url, counter.fill(page))


def tabs(page: Any) -> dict[str, str]:
    """The links to the campaigns of the person, by code."""
    import re

    found = re.findall(r'data-campaign="([^"]+)" href="([^"]+)"', page.content.decode())
    return {code: address.replace("&amp;", "&") for code, address in found}


def test_one_campaign_shows_no_choice(counter) -> None:
    page = counter.open_form()
    assert tabs(page) == {}
    assert "campaign=" not in page.context["citizen"].form_url


def test_a_citizen_books_in_both(counter, flu) -> None:
    form = counter.open_form()
    assert page_of(form) == "book_slot"
    assert set(tabs(form)) == {COVID, FLU}
    assert form.context["citizen"].campaign.code == COVID
    assert book(counter, form).status_code == 303

    again = counter.browser.get(counter.read_card()["Location"], follow=True)
    assert page_of(again) == "show_booking_by_card"
    other = counter.browser.get(tabs(again)[FLU])
    assert page_of(other) == "book_slot"
    assert other.context["citizen"].campaign == flu
    assert {site.brand for site in other.context["choices"].sites} == {"VAXI"}
    assert book(counter, other).status_code == 303
    booked = dict(Booking.objects.values_list("campaign__code", "state"))
    assert booked == {COVID: BookingState.BOOKED, FLU: BookingState.BOOKED}

    shown = counter.browser.get(counter.read_card()["Location"], follow=True)
    for code, address in tabs(shown).items():
        page = counter.browser.get(address)
        assert (page_of(page), page.context["booking"].campaign.code) == (
            "show_booking_by_card",
            code,
        )


def test_lists_and_errors_stay_in_the_campaign(counter, flu) -> None:
    form = counter.open_form()
    other = counter.browser.get(tabs(form)[FLU])
    assert other.context["choices_url"].endswith(f"?campaign={FLU}")
    part = counter.browser.get(other.context["choices_url"], headers={"HX-Request": "true"})
    assert {site.brand for site in part.context["choices"].sites} == {"VAXI"}
    plain = counter.browser.get(other.context["choices_url"])
    assert f"campaign={FLU}" in plain["Location"]
    wrong = counter.browser.post(other.context["citizen"].form_url, counter.fill(other, phone="1"))
    assert (wrong.status_code, wrong.context["citizen"].campaign) == (400, flu)


def test_who_may_book_in_one_of_them_is_not_asked(counter, flu) -> None:
    Campaign.objects.filter(pk=flu.pk).update(min_age=65)
    assert tabs(counter.open_form()) == {}
    Campaign.objects.filter(code=COVID).update(min_age=65)
    Campaign.objects.filter(pk=flu.pk).update(min_age=0)
    page = counter.open_form()
    assert page.context["citizen"].campaign == flu


def test_a_campaign_that_does_not_admit_says_why(counter, flu) -> None:
    Campaign.objects.filter(pk=flu.pk).update(min_age=65)
    where = f"/booking/{reading_of(counter.read_card())}/?campaign={FLU}"
    refused = counter.browser.get(where)
    assert (refused.status_code, code_of(refused)) == (403, "VBK-C03")


def test_an_unknown_campaign_is_as_none(counter, flu) -> None:
    where = f"/booking/{reading_of(counter.read_card())}/?campaign=X"
    assert counter.browser.get(where).context["citizen"].campaign.code == COVID


def test_waiting_in_both_each_answers_for_itself(counter, flu) -> None:
    """The join page has the sites of its campaign; an offer is accepted in its own."""
    for slot in Slot.objects.all():
        make_booking(slot)
    Slot.objects.update(capacity=1)
    reading = reading_of(counter.read_card())
    for code in (COVID, FLU):
        where = f"/booking/{reading}/waiting/join/?campaign={code}"
        page = counter.browser.get(where)
        assert {site.campaign.code for site in page.context["choices"].sites} == {code}
        joined = counter.browser.post(where, counter.fill(page))
        assert joined["Location"].endswith(f"?campaign={code}")
        assert counter.browser.get(joined["Location"]).context["entry"].campaign.code == code
    first = WaitingEntry.objects.get(campaign__code=COVID)
    Offer.objects.create(entry=first, slot=counter.first, expires_at=counter.first.begins_at)
    WaitingEntry.objects.filter(pk=first.pk).update(state=WaitingState.OFFERED)
    Slot.objects.filter(pk=counter.first.pk).update(capacity=2, booked=2)
    page = counter.browser.get(f"/booking/{reading}/waiting/?campaign={COVID}")
    offer = page.context["offer"]
    accept = f"/booking/{reading}/waiting/offers/{offer.pk}/accept/?campaign={COVID}"
    assert accept in page.content.decode()
    assert counter.browser.post(accept).status_code == 303
    assert Offer.objects.get().state == OfferState.ACCEPTED
    states = dict(WaitingEntry.objects.values_list("campaign__code", "state"))
    assert states == {COVID: WaitingState.SERVED, FLU: WaitingState.WAITING}


def test_who_waits_in_one_books_in_the_other(counter, flu) -> None:
    form = counter.open_form()
    make_entry(counter.site, patient_id=form.context["citizen"].patient, first_day=in_days(1))
    page = counter.browser.get(counter.read_card()["Location"], follow=True)
    assert page_of(page) == "show_waiting"
    assert page_of(counter.browser.get(tabs(page)[FLU])) == "book_slot"
