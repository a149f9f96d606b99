"""Which place the form offers first: the nearest, unless one was chosen before (C10)."""

import pytest

from apps.booking.choices import Choices, Wish, offer_choices
from apps.booking.models import Campaign, Site
from apps.institutions.models import District, Institution
from tests.support.booking import make_campaign, make_site, make_slot
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign()


def site_in(campaign: Campaign, district: District) -> Site:
    site = make_site(campaign, institution=make_institution(district=district))
    make_slot(site)
    return site


def offer(campaign: Campaign, near: Institution, wish: Wish | None = None) -> Choices:
    return offer_choices(campaign=campaign, wish=wish or Wish(), near=near.pk)


def first(*, not_of: str = "", city: str = "") -> District:
    """The first district of a city, or outside one, in the register's order."""
    districts = District.objects.order_by("position")
    found = districts.filter(city=city) if city else districts.exclude(city=not_of)
    return found[0]


def test_own_district_comes_before_own_city_and_others(campaign) -> None:
    home = District.objects.get(pk="220")  # 新北市板橋區, later in the register than 臺北市
    far = site_in(campaign, first(not_of=home.city))
    in_city = site_in(campaign, District.objects.filter(city=home.city).exclude(pk="220")[0])
    here = make_institution(district=home)
    assert offer(campaign, here).site == in_city
    own = site_in(campaign, home)
    choices = offer(campaign, here)
    assert choices.site == own
    assert choices.next_free is not None
    assert choices.cities[0][0] == home.city
    assert far.institution.district.city in [name for name, _ in choices.cities]


def test_what_was_chosen_before_stays_first(campaign) -> None:
    home = District.objects.get(pk="220")
    site_in(campaign, home)
    other = site_in(campaign, first(not_of=home.city))
    district = other.institution.district
    remembered = Wish(city=district.city, district=district.code, site=str(other.pk))
    assert offer(campaign, make_institution(district=home), remembered).site == other


def test_without_a_district_the_order_of_the_register_holds(campaign) -> None:
    early, late = District.objects.order_by("position")[0], District.objects.get(pk="220")
    site_in(campaign, late)
    site = site_in(campaign, early)
    assert offer(campaign, make_institution(district=None)).site == site


def test_lists_cost_two_statements(campaign, django_assert_num_queries) -> None:
    site_in(campaign, District.objects.get(pk="220"))
    near = make_institution()
    with django_assert_num_queries(2):
        offer(campaign, near)
