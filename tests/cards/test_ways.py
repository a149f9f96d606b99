"""The reader/card table of manual 1: which card logs in with which reader, and as whom."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.access.models import Membership, Proposal
from apps.accounts.models import Credential, Person, Session
from apps.accounts.terms import CardKind, ReaderKind, SessionRole
from apps.cards.models import LoginWay
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from tests.support.cards import (
    FakeAgent,
    issue,
    latest,
    log_in,
    refusal_code,
    show,
    start_log_in,
    trust,
)
from tests.support.institution import operator_browser
from tests.support.logins import NATIONAL_ID, Counter
from tests.support.world import (
    entitle,
    grant,
    make_institution,
    make_member,
    make_workstation,
)

pytestmark = pytest.mark.django_db

HPC, NHI, CITIZEN = CardKind.HPC, CardKind.NHI, CardKind.CITIZEN
INSTITUTION, GOVERNMENT = CardKind.INSTITUTION, CardKind.GOVERNMENT
NHI_READER, CHIP_READER = ReaderKind.NHI_READER, ReaderKind.CHIP_READER


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_the_table_is_the_manuals() -> None:
    """Manual 1, 網站使用說明 STEP 2."""
    ways = set(LoginWay.objects.values_list("reader_kind", "card_kind"))
    assert ways == {
        (NHI_READER, HPC),
        (NHI_READER, NHI),
        (NHI_READER, INSTITUTION),
        (CHIP_READER, HPC),
        (CHIP_READER, CITIZEN),
        (CHIP_READER, INSTITUTION),
        (CHIP_READER, GOVERNMENT),
    }


@pytest.mark.parametrize(
    ("card_kind", "chosen", "taken"),
    [
        (HPC, NHI_READER, NHI_READER),
        (HPC, CHIP_READER, CHIP_READER),
        (NHI, CHIP_READER, NHI_READER),
        (CITIZEN, NHI_READER, CHIP_READER),
        (INSTITUTION, NHI_READER, NHI_READER),
        (GOVERNMENT, NHI_READER, CHIP_READER),
    ],
)
def test_a_card_that_fits_one_reader_only_decides_by_itself(card_kind, chosen, taken) -> None:
    start_log_in(Client(), card_kind, chosen)
    assert (latest().cards, latest().reader_kind) == ([card_kind], taken)


def test_the_reader_is_remembered_at_this_browser() -> None:
    browser = Client()
    start_log_in(browser, HPC, CHIP_READER)
    page = browser.get("/log-in/")
    assert page.context["form"]["reader_kind"].value() == CHIP_READER
    start_log_in(browser, INSTITUTION)
    assert latest().reader_kind == CHIP_READER
    assert Client().get("/log-in/").context["form"]["reader_kind"].value() == NHI_READER


@pytest.mark.parametrize("card_kind", [HPC, INSTITUTION])
def test_the_nhi_reader_needs_an_enrolled_agent(counter, card_kind) -> None:
    answer = FakeAgent().claim(start_log_in(counter.browser, card_kind, NHI_READER))
    assert (answer.status_code, refusal_code(answer)) == (403, "CARD-READER")


def test_an_nhi_card_needs_an_enrolled_agent(counter) -> None:
    answer = FakeAgent().claim(start_log_in(counter.browser, NHI))
    assert (answer.status_code, refusal_code(answer)) == (403, "CARD-NOT-ENROLLED")


def test_a_way_that_operators_switched_off_is_closed(counter) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, HPC, NHI_READER)).json()
    LoginWay.objects.filter(card_kind=HPC, reader_kind=NHI_READER).update(enabled=False)
    assert refusal_code(counter.agent.result(job, card=counter.hpc)) == "LOGIN-WAY"
    LoginWay.objects.filter(card_kind=HPC).update(enabled=False)
    page = counter.browser.post("/log-in/", {"card_kind": HPC})
    assert page.status_code == 400


@pytest.mark.parametrize("kind", [INSTITUTION, GOVERNMENT])
@pytest.mark.parametrize("enrolled", [True, False])
def test_an_institutions_own_card_stands_for_it(counter, events, kind, enrolled) -> None:
    agent = counter.agent if enrolled else FakeAgent()
    card = counter.institution_card(kind)
    assert log_in(counter.browser, agent, card)["Location"] == "/my/"
    session = Session.objects.get()
    assert session.role == SessionRole.REPRESENTATIVE
    assert session.institution_id == counter.institution.pk
    assert session.person.is_service
    (event,) = [event for event in events() if event["action"] == "log_in"]
    assert event["card_serial"] == f"{card.chain[0].serial_number:x}"
    assert counter.browser.get("/workstations/").status_code == 200


def test_two_cards_of_an_institution_share_one_account(counter) -> None:
    for kind in (INSTITUTION, GOVERNMENT):
        log_in(counter.browser, counter.agent, counter.institution_card(kind))
    account = Person.objects.get(is_service=True)
    assert Credential.objects.filter(person=account).count() == 2


def test_an_institution_card_at_another_institutions_workstation_is_refused(counter) -> None:
    agent = FakeAgent()
    make_workstation(make_institution(), public_key=agent.public_key)
    job = agent.claim(start_log_in(counter.browser, INSTITUTION)).json()
    answer = agent.result(job, card=counter.institution_card())
    assert refusal_code(answer) == "CARD-WORKSTATION"


@pytest.mark.parametrize("why", ["unknown", "suspended"])
def test_an_institution_that_is_not_active_does_not_log_in(counter, why) -> None:
    card = counter.institution_card()
    if why == "unknown":
        card = issue(trust(GOVERNMENT), "9999999999", kind=GOVERNMENT)
    else:
        Institution.objects.update(status=InstitutionStatus.SUSPENDED)
    job = FakeAgent()
    claimed = job.claim(start_log_in(counter.browser, card.kind)).json()
    assert refusal_code(job.result(claimed, card=card)) == "LOGIN-INSTITUTION"


def test_the_database_gives_a_service_account_no_grant_and_no_membership(counter) -> None:
    log_in(counter.browser, counter.agent, counter.institution_card())
    account = Person.objects.get(is_service=True)
    entitlement = entitle(counter.institution)
    with pytest.raises(IntegrityError, match="grants_are_for_people"), transaction.atomic():
        grant(account, entitlement)
    with pytest.raises(IntegrityError, match="memberships_are_for_people"), transaction.atomic():
        make_member(counter.institution, account)


def test_the_database_turns_nobody_with_rights_into_a_service_account(counter) -> None:
    change = {"is_service": True, "institution_id": counter.institution.pk}
    with pytest.raises(IntegrityError, match="memberships_are_for_people"), transaction.atomic():
        Person.objects.filter(pk=counter.person.pk).update(**change)


def test_somebody_of_several_institutions_chooses_one_before_there_is_a_session(counter) -> None:
    other = make_institution(name="安心藥局")
    make_member(other, counter.person)
    page = log_in(counter.browser, FakeAgent(), counter.hpc)
    assert page["Location"] == f"/cards/{latest().id}/institution"
    assert not Session.objects.exists()
    choices = counter.browser.get(page["Location"])
    assert "安心藥局" in choices.content.decode()
    assert not Session.objects.exists()
    done = counter.browser.post(page["Location"], {"institution": str(other.pk)})
    assert (done.status_code, done["Location"]) == (303, "/my/")
    assert Session.objects.get().institution_id == other.pk
    assert counter.browser.get(page["Location"]).status_code == 410


def test_only_ones_own_institutions_can_be_chosen(counter) -> None:
    make_member(make_institution(), counter.person)
    page = log_in(counter.browser, FakeAgent(), counter.hpc)["Location"]
    stranger = counter.browser.post(page, {"institution": str(make_institution().pk)})
    assert stranger.status_code == 400
    assert Client().get(page).status_code == 403
    Membership.objects.filter(institution=counter.institution).delete()
    gone = counter.browser.post(page, {"institution": str(counter.institution.pk)})
    assert gone.status_code == 400
    assert not Session.objects.exists()


def test_a_certificate_about_to_expire_is_announced_at_home(counter) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    assert b"CARD-EXPIRES-SOON" not in counter.browser.get("/my/").content
    soon = issue(counter.hpc_authority, NATIONAL_ID, days=29)
    show(counter.browser, counter.agent, start_log_in(counter.browser, HPC), card=soon)
    assert b"CARD-EXPIRES-SOON" in counter.browser.get("/my/").content


def test_two_operators_switch_a_way_off_in_the_back_office(counter, events) -> None:
    way = LoginWay.objects.get(card_kind=HPC, reader_kind=CHIP_READER)
    first, second = operator_browser(), operator_browser("周大同")
    drafted = first.post(f"/backoffice/cards/loginway/{way.pk}/change/", {})  # an empty box is no
    publish = drafted["Location"].replace("change/", "publish-change/")
    first.post(publish)
    way.refresh_from_db()
    assert way.enabled
    second.post(publish)
    way.refresh_from_db()
    assert not way.enabled
    assert "change_record" in [event["action"] for event in events()]
    job = FakeAgent().claim(start_log_in(counter.browser, HPC, CHIP_READER))
    assert refusal_code(job) == "CARD-READER"  # only the NHI reader is left for it


def test_the_operators_own_way_cannot_be_closed(counter) -> None:
    way = LoginWay.objects.get(role=SessionRole.OPERATOR)
    page = operator_browser().post(f"/backoffice/cards/loginway/{way.pk}/change/", {})
    assert (page.status_code, Proposal.objects.count()) == (200, 0)
    assert "業務承辦人員本身的登入方式" in page.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        LoginWay.objects.filter(pk=way.pk).update(enabled=False)
