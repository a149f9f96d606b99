"""系統網路服務申請: what may be registered, who decides, and what it opens (FEATURES A12)."""

from ipaddress import ip_network

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from apps.access.models import NetworkApplication, NetworkRange, Service
from apps.access.policies import decide
from apps.access.ranges import WrongAddress, read_range
from apps.access.services import networks
from apps.access.services.networks import RegisteredAlready
from apps.access.terms import NetworkState, Reason
from apps.audit.actors import Actor
from apps.core.errors import NotFound
from tests.support.cards import refusal_code
from tests.support.institution import Clinic, operator_browser
from tests.support.world import grant, make_institution, make_operator

OFFICE, HOME = "203.66.12.10", "61.216.9.9"


@pytest.fixture(autouse=True)
def in_production(settings) -> None:
    settings.PRIVATE_NETWORKS = False


# --- what may be registered ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("203.66.12.10", "203.66.12.10"),
        (" ２０３．６６．１２．１０ ", "203.66.12.10"),
        ("203.66.12.10-203.66.12.20", "203.66.12.10–203.66.12.20"),
        ("203.66.12.10 ～ 203.66.12.20", "203.66.12.10–203.66.12.20"),
        ("203.66.12.10至203.66.12.20", "203.66.12.10–203.66.12.20"),
        ("203.66.12.16/28", "203.66.12.16–203.66.12.31"),
        ("2001:B000:0:1::1", "2001:b000:0:1::1"),
        ("2001:b000:0:1::/64", "2001:b000:0:1::–2001:b000:0:1:ffff:ffff:ffff:ffff"),
        ("::ffff:203.66.12.10", "203.66.12.10"),
    ],
)
def test_addresses_as_people_write_them(typed, understood) -> None:
    assert str(read_range(typed)) == understood


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("203.66.12", "no IPv4 or IPv6"),
        ("203.66.12.256", "no IPv4 or IPv6"),
        ("hiqs.cdc.gov.tw", "no IPv4 or IPv6"),
        ("203.66.12.10-20", "no IPv4 or IPv6"),
        ("203.66.12.1-203.66.12.2-203.66.12.3", "no IPv4 or IPv6"),
        ("203.66.12.5/28", "no IPv4 or IPv6"),  # the block begins at .0: a slip
        ("203.66.12.20-203.66.12.10", "after the last"),
        ("203.66.12.10-2001:b000::1", "an IPv4 and an IPv6"),
        ("203.66.0.0/16", "too many"),
        ("2001:b000::/32", "too many"),
        ("0.0.0.0/0", "too many"),
        ("192.168.1.10", "private"),
        ("10.253.253.246", "private"),
        ("172.16.0.1-172.16.0.9", "private"),
        ("127.0.0.1", "private"),
        ("::1", "private"),
        ("fd12::1", "private"),
        ("169.254.7.7", "private"),
        ("100.64.0.1", "private"),
        ("224.0.0.1", "private"),
        ("0.0.0.0", "private"),
        ("255.255.255.255", "private"),
        ("192.0.2.5", "private"),  # documentation
        ("9.255.255.250-10.0.0.9", "private"),  # one end in the open
    ],
)
def test_what_cannot_be_registered_and_why(typed, part) -> None:
    with translation.override("en"), pytest.raises(WrongAddress, match=part):
        read_range(typed)


def test_a_test_installation_may_use_its_own_network(settings) -> None:
    settings.PRIVATE_NETWORKS = True
    assert str(read_range("127.0.0.1")) == "127.0.0.1"


# --- from the application to the open door ---------------------------------------------------------


def apply(clinic: Clinic, *addresses: str) -> NetworkApplication:
    ranges = [read_range(each) for each in addresses]
    return networks.apply_for_network(
        ranges=ranges, institution=clinic.institution.pk, by=clinic.actor()
    )


def operator() -> Actor:
    return Actor(person=make_operator().pk, role="OPERATOR")


def known(clinic: Clinic, *addresses: str) -> NetworkApplication:
    application = apply(clinic, *addresses)
    networks.approve_network(application=application.pk, by=operator())
    return application


def needs_network() -> None:
    Service.objects.filter(pk="VBK").update(needs_network=True)


@pytest.mark.django_db
class TestTheDoor:
    @pytest.fixture
    def clinic(self) -> Clinic:
        needs_network()
        clinic = Clinic()
        grant(clinic.user, clinic.entitlement)
        return clinic

    def reason(self, clinic: Clinic, address: str | None) -> str:
        session = clinic.browser(clinic.user).session_id  # type: ignore[attr-defined]
        return decide(session=session, service="VBK", address=address).reason

    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("203.66.12.9", Reason.UNKNOWN_NETWORK),
            ("203.66.12.10", Reason.PERMITTED),
            ("203.66.12.15", Reason.PERMITTED),
            ("203.66.12.20", Reason.PERMITTED),
            ("203.66.12.21", Reason.UNKNOWN_NETWORK),
            ("2001:b000::7", Reason.PERMITTED),
            ("2001:b000::8", Reason.UNKNOWN_NETWORK),
            ("::1", Reason.UNKNOWN_NETWORK),
            (None, Reason.UNKNOWN_NETWORK),
        ],
    )
    def test_only_registered_addresses(self, clinic, address, reason) -> None:
        known(clinic, "203.66.12.10-203.66.12.20", "2001:b000::7")
        assert self.reason(clinic, address) == reason

    def test_an_open_a_rejected_and_an_ended_application_open_nothing(self, clinic) -> None:
        asked = apply(clinic, OFFICE)
        assert self.reason(clinic, OFFICE) == Reason.UNKNOWN_NETWORK
        networks.reject_network(application=asked.pk, reason="非固定位址", by=operator())
        assert self.reason(clinic, OFFICE) == Reason.UNKNOWN_NETWORK
        registered = known(clinic, OFFICE)
        assert self.reason(clinic, OFFICE) == Reason.PERMITTED
        networks.end_network(application=registered.pk, reason="遷址", by=clinic.actor())
        assert self.reason(clinic, OFFICE) == Reason.UNKNOWN_NETWORK

    def test_another_institutions_network_opens_nothing(self, clinic) -> None:
        other = make_institution()
        application = networks.apply_for_network(
            ranges=[read_range(OFFICE)],
            institution=other.pk,
            by=Actor(person=clinic.manager.pk, institution=other.pk),
        )
        networks.approve_network(application=application.pk, by=operator())
        assert self.reason(clinic, OFFICE) == Reason.UNKNOWN_NETWORK

    def test_the_next_click_from_elsewhere_is_refused_and_only_the_log_says_why(
        self, clinic, settings, events
    ) -> None:
        settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
        known(clinic, OFFICE)
        browser = clinic.browser(clinic.user)
        assert browser.get("/booking/", HTTP_X_FORWARDED_FOR=OFFICE).status_code == 200
        page = browser.get("/booking/", HTTP_X_FORWARDED_FOR=HOME)
        assert (page.status_code, refusal_code(page)) == (403, "ACC-403")
        assert "network" not in page.content.decode()
        last = events()[-1]
        assert (last["reason"], str(last["ip"])) == ("unknown_network", HOME)

    def test_a_forged_header_opens_nothing(self, clinic, settings) -> None:
        known(clinic, OFFICE)
        browser = clinic.browser(clinic.user)
        forged = {"HTTP_X_FORWARDED_FOR": OFFICE, "HTTP_FORWARDED": f"for={OFFICE}"}
        assert browser.get("/booking/", **forged).status_code == 403
        settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
        behind = {"HTTP_X_FORWARDED_FOR": f"{OFFICE}, {HOME}", "HTTP_X_REAL_IP": OFFICE}
        assert browser.get("/booking/", **behind).status_code == 403

    def test_the_service_still_stands_on_my_home(self, clinic) -> None:
        page = clinic.browser(clinic.user).get("/my/").content.decode()
        assert 'href="/booking/"' in page


# --- the services' own rules -------------------------------------------------------------------------


@pytest.mark.django_db
class TestTheServices:
    def test_the_same_addresses_twice_are_refused(self) -> None:
        clinic = Clinic()
        apply(clinic, "203.66.12.10-203.66.12.20")
        with pytest.raises(RegisteredAlready) as refused:
            apply(clinic, "203.66.12.0/28")
        assert refused.value.detail == {"addresses": ["203.66.12.0–203.66.12.15"]}

    def test_two_institutions_may_share_a_line_and_the_operator_sees_it(self) -> None:
        first, second = Clinic(), make_institution(name="隔壁診所")
        known(first, OFFICE)
        application = networks.apply_for_network(
            ranges=[read_range("203.66.12.0/28")],
            institution=second.pk,
            by=Actor(person=first.manager.pk, institution=second.pk),
        )
        page = operator_browser().get(
            f"/backoffice/access/networkapplication/{application.pk}/change/"
        )
        assert str(first.institution) in page.content.decode()

    def test_a_second_decision_finds_it_decided(self) -> None:
        application = known(Clinic(), OFFICE)
        with pytest.raises(NotFound):
            networks.reject_network(application=application.pk, reason="x", by=operator())

    def test_a_manager_cannot_end_another_institutions_network(self) -> None:
        application = known(Clinic(), OFFICE)
        stranger = Actor(person=make_operator().pk, institution=make_institution().pk)
        with pytest.raises(NotFound):
            networks.end_network(application=application.pk, reason="x", by=stranger)
        application.refresh_from_db()
        assert application.state == NetworkState.APPROVED

    @pytest.mark.parametrize("ends", [("203.66.12.2", "203.66.12.1"), ("203.66.12.1", "::1")])
    def test_the_database_keeps_ranges_in_order(self, ends) -> None:
        application = apply(Clinic(), OFFICE)
        with pytest.raises(IntegrityError), transaction.atomic():
            NetworkRange.objects.create(
                application=application, first_address=ends[0], last_address=ends[1]
            )


# --- the pages ---------------------------------------------------------------------------------------


@pytest.mark.django_db
class TestThePages:
    @pytest.fixture
    def clinic(self) -> Clinic:
        return Clinic()

    @pytest.fixture
    def browser(self, clinic) -> Client:
        return clinic.browser(clinic.manager)

    def test_applied_approved_and_ended_through_the_pages(self, clinic, browser, events) -> None:
        answer = browser.post("/access/networks/", {"addresses": OFFICE, "note": "門診櫃檯"})
        assert answer.status_code == 302
        application = NetworkApplication.objects.get()
        desk = operator_browser()
        desk.post(f"/backoffice/access/networkapplication/{application.pk}/approve-network/")
        shown = browser.get("/access/networks/").content.decode()
        assert 'data-state="APPROVED"' in shown
        end = f"/access/networks/{application.pk}/end/"
        assert browser.get(end).status_code == 200
        assert browser.post(end, {"reason": ""}).status_code == 400
        assert browser.post(end, {"reason": "遷址"}).status_code == 302
        assert browser.get(end).status_code == 404
        done = [event["action"] for event in events()]
        assert {"apply_network", "decide_network", "end_network"} <= set(done)

    def test_every_wrong_line_is_named_and_nothing_is_lost(self, browser) -> None:
        typed = f"{OFFICE}\n192.168.1.1\n\nabc\n{OFFICE}"
        page = browser.post("/access/networks/", {"addresses": typed, "note": "櫃檯"})
        assert page.status_code == 400
        shown = page.content.decode()
        assert "192.168.1.1" in shown.split("<h1>")[0]  # the summary of errors
        assert len(page.context["form"].errors["addresses"]) == 3
        assert "櫃檯" in shown
        assert not NetworkApplication.objects.exists()

    def test_a_repeat_is_refused_on_the_page_and_recorded(self, clinic, browser, events) -> None:
        apply(clinic, OFFICE)
        page = browser.post("/access/networks/", {"addresses": OFFICE})
        assert page.status_code == 400
        assert "ACC-NETWORK" in page.content.decode()
        assert (events()[-1]["outcome"], events()[-1]["action"]) == ("refused", "apply_network")

    def test_another_institutions_is_404(self, clinic) -> None:
        application = apply(clinic, OFFICE)
        other = Clinic(numbers=("D120203047", "C121103509"))
        stranger = other.browser(other.manager)
        for send in (stranger.get, stranger.post):
            assert send(f"/access/networks/{application.pk}/end/").status_code == 404

    def test_the_list_costs_the_same_for_many(self, clinic, browser, round_trips) -> None:
        for number in range(1, 30):
            apply(clinic, f"203.66.12.{number}")
        with round_trips(at_most=8):
            browser.get("/access/networks/")
