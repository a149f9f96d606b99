"""Somebody for whom any site of a district will do (C11): offers, ranks and lists beside one site's."""

from typing import Any

import pytest

from apps.booking.models import Booking, Offer, Site, Slot, WaitingEntry
from apps.booking.services.offers import offer_places
from apps.booking.terms import Priority, WaitingState
from apps.core import clock
from apps.institutions.models import District
from tests.support.booking import make_booking, make_campaign, make_entry, make_site, make_slot
from tests.support.counter import Counter, code_of, page_of, reading_of
from tests.support.site import SiteDesk
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db
HERE = "105"


def site_in(site: Site, district: str, **fields: Any) -> Site:
    """Another site, of the same campaign unless told otherwise."""
    place = make_institution(district=District.objects.get(pk=district))
    return make_site(fields.pop("campaign", site.campaign), institution=place)


@pytest.fixture
def site() -> Site:
    """A site in 松山區 without a place."""
    made = make_site(make_campaign())
    make_booking(make_slot(made, capacity=1))
    return made


def anywhere(site: Site, **fields: Any) -> WaitingEntry:
    return make_entry(site, district_id=HERE, **fields)


def offered() -> list[WaitingEntry]:
    return [offer.entry for offer in Offer.objects.order_by("offered_at", "pk")]


def test_a_place_at_another_site_of_the_district_is_offered(site) -> None:
    waits = anywhere(site)
    slot = make_slot(site_in(site, HERE), days=3, capacity=1)
    assert offer_places() == 1
    offer = Offer.objects.get()
    assert (offer.entry, offer.slot) == (waits, slot)
    slot.refresh_from_db()
    assert slot.booked == 1


def test_a_place_at_the_site_that_was_chosen_first_is_offered_too(site) -> None:
    waits = anywhere(site)
    Slot.objects.update(capacity=2)
    assert offer_places(site=site.pk) == 1
    assert offered() == [waits]


@pytest.mark.parametrize("where", ["another district", "another campaign", "one site only"])
def test_a_place_elsewhere_is_not(site, where) -> None:
    if where == "one site only":
        make_entry(site)
        make_slot(site_in(site, HERE))
    else:
        anywhere(site)
        other = {"campaign": make_campaign(code="FLU115")} if where == "another campaign" else {}
        make_slot(site_in(site, HERE if other else "100", **other))
    assert offer_places() == 0
    assert not Offer.objects.exists()


def test_the_order_is_one_for_both_kinds(site) -> None:
    now = clock.now()
    entries = [
        make_entry(site, queued_at=now.replace(microsecond=2)),
        anywhere(site, queued_at=now.replace(microsecond=1)),
        make_entry(site, queued_at=now.replace(microsecond=3), priority=Priority.CALLED_OFF),
    ]
    Slot.objects.update(capacity=4)
    assert offer_places() == 3
    made = Offer.objects.select_related("entry").order_by("offered_at")
    assert [offer.entry for offer in made] == [entries[2], entries[1], entries[0]]


@pytest.mark.parametrize(
    ("mine", "others", "before"),
    [
        # Who waits, at (the site or another one of the district, any of the district), and how many
        # of them come first.
        ("site", {"site": 1, "district": 1, "neighbour": 0}, 2),
        ("site", {"neighbour": 2}, 0),
        ("site", {"neighbour_anywhere": 1}, 1),
        ("district", {"site": 1, "neighbour": 1, "neighbour_anywhere": 1}, 3),
        ("district", {"far": 2, "other_campaign": 1}, 0),
    ],
)
def test_the_rank_counts_who_would_take_the_same_place(site, mine, others, before) -> None:
    neighbour, far = site_in(site, HERE), site_in(site, "100")
    flu = site_in(site, HERE, campaign=make_campaign(code="FLU115"))
    makers = {
        "site": lambda: make_entry(site),
        "district": lambda: anywhere(site),
        "neighbour": lambda: make_entry(neighbour),
        "neighbour_anywhere": lambda: anywhere(neighbour),
        "far": lambda: make_entry(far, district_id="100"),
        "other_campaign": lambda: anywhere(flu),
    }
    for name, count in others.items():
        for _ in range(count):
            makers[name]()
    entry = makers[mine]()
    assert WaitingEntry.objects.before(entry).count() == before


def test_the_list_of_a_site_shows_who_would_come_from_the_district(events) -> None:
    desk = SiteDesk()
    neighbour = site_in(desk.site, HERE)
    comes, stays = anywhere(neighbour, name="鄰居任一"), make_entry(neighbour, name="鄰居一處")
    html = desk.get("waiting").content.decode()
    assert "鄰居任一" in html
    assert "data-anywhere" in html
    assert stays.name not in html
    shown = [e["patient"] for e in events() if e["action"] == "show_waiting_list"]
    assert shown == [comes.patient_id]


class TestAtTheCounter:
    @pytest.fixture
    def counter(self) -> Counter:
        """The only site has no place."""
        made = Counter()
        made.second.delete()
        make_booking(made.first, institution=made.institution)
        Slot.objects.update(capacity=1)
        return made

    def join(self, counter: Counter, **changes: Any) -> Any:
        where = f"/booking/{reading_of(counter.read_card())}/waiting/join/"
        page = counter.browser.get(where)
        assert not page.context["form"]["anywhere"].value()
        return counter.browser.post(where, counter.fill(page, **changes))

    def test_joined_says_so(self, counter) -> None:
        answer = self.join(counter, anywhere="on")
        entry = WaitingEntry.objects.get()
        assert (entry.site, entry.district_id) == (counter.site, HERE)
        page = counter.browser.get(answer["Location"])
        assert page_of(page) == "show_waiting"
        assert "data-anywhere" in page.content.decode()
        assert entry.place == "松山區任一施打站"

    def test_a_free_place_in_the_district_is_booked_instead(self, counter) -> None:
        make_slot(site_in(counter.site, HERE))
        refused = self.join(counter, anywhere="on")
        assert (refused.status_code, code_of(refused)) == (409, "VBW-FREE")
        assert refused.context["form"]["anywhere"].value()
        assert self.join(counter).status_code == 303  # for the one site there is none

    def test_the_place_in_the_district_becomes_the_booking(self, counter) -> None:
        self.join(counter, anywhere="on")
        slot = make_slot(site_in(counter.site, HERE), capacity=1)
        assert offer_places() == 1
        offer = Offer.objects.get()
        page = f"/booking/{reading_of(counter.read_card())}/waiting/offers/{offer.pk}/accept/"
        assert counter.browser.post(page).status_code == 303
        assert Booking.objects.get(slot=slot).name == WaitingEntry.objects.get().name
        assert WaitingEntry.objects.get().state == WaitingState.SERVED
