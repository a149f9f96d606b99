"""A lost card is blocked at once, by its holder, a manager, or an operator (FEATURES A13)."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.access.terms import MembershipRole
from apps.accounts.models import Credential, LostCard, Session
from apps.accounts.passwords import set_password
from apps.accounts.services import block_credential, report_lost_cards
from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.core import clock
from tests.support.cards import PkiCard, issue, log_in, refusal_code, show, start_log_in
from tests.support.logins import NATIONAL_ID, Counter, sit_down
from tests.support.world import BY, make_institution, make_member, make_operator, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    """The pharmacist is logged in with the card that will be lost."""
    counter = Counter()
    log_in(counter.browser, counter.agent, counter.hpc)
    return counter


def card_of(counter: Counter) -> Credential:
    return Credential.objects.get(person=counter.person)


def is_logged_in(browser: Client) -> bool:
    return browser.get("/my/").status_code == 200


def test_the_holder_blocks_a_card_and_its_sessions_end(counter, events) -> None:
    elsewhere = Client()
    sit_down(elsewhere, counter.person, counter.institution)  # with another card
    page = elsewhere.get("/account/").content.decode()
    assert f'/account/cards/{card_of(counter).pk}/block"' in page
    elsewhere.post(f"/account/cards/{card_of(counter).pk}/block")
    assert not is_logged_in(counter.browser)
    assert is_logged_in(elsewhere)
    (event,) = [event for event in events() if event["action"] == "block_card"]
    assert (event["actor"], event["result_count"]) == (counter.person.pk, 1)


def test_blocking_the_card_of_this_very_login_logs_out(counter) -> None:
    counter.browser.post(f"/account/cards/{card_of(counter).pk}/block")
    assert not is_logged_in(counter.browser)


def test_a_blocked_card_logs_nobody_in(counter) -> None:
    block_credential(credential=card_of(counter), by=BY)
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    answer = counter.agent.result(job, card=counter.hpc)
    assert (answer.status_code, refusal_code(answer)) == (403, "CARD-BLOCKED")


def test_nobody_blocks_the_card_of_a_stranger(counter) -> None:
    stranger = Client()
    sit_down(stranger, make_member(counter.institution), counter.institution)
    assert stranger.post(f"/account/cards/{card_of(counter).pk}/block").status_code == 404
    assert card_of(counter).state == CredentialState.ACTIVE


def test_a_manager_blocks_the_cards_of_a_user(counter) -> None:
    manager = Client()
    person = make_member(counter.institution, role=MembershipRole.MANAGER)
    sit_down(manager, person, counter.institution)
    assert counter.person.name in manager.get("/account/people/").content.decode()
    manager.post(f"/account/people/{counter.person.pk}/block")
    assert card_of(counter).state == CredentialState.BLOCKED
    assert not is_logged_in(counter.browser)


@pytest.mark.parametrize("where", ["another institution", "no manager"])
def test_others_do_not(counter, where) -> None:
    browser = Client()
    if where == "no manager":
        place, role = counter.institution, MembershipRole.USER
    else:
        place, role = make_institution(), MembershipRole.MANAGER
    sit_down(browser, make_member(place, role=role), place)
    answer = browser.post(f"/account/people/{counter.person.pk}/block")
    assert answer.status_code == (403 if where == "no manager" else 404)
    assert is_logged_in(counter.browser)


def test_a_representative_answers_for_managers_and_not_for_users(counter) -> None:
    representative = Client()
    manager = make_member(counter.institution, role=MembershipRole.MANAGER)
    log_in(representative, counter.agent, counter.institution_card())
    assert representative.post(f"/account/people/{manager.pk}/block").status_code == 302
    assert representative.post(f"/account/people/{counter.person.pk}/block").status_code == 404


def test_an_operator_blocks_and_releases_a_card(counter, events) -> None:
    operator = Client()
    sit_down(operator, make_operator(), counter.institution, role=SessionRole.OPERATOR)
    card = card_of(counter)
    assert operator.get(f"/backoffice/accounts/credential/{card.pk}/change/").status_code == 200
    operator.post(f"/backoffice/accounts/credential/{card.pk}/block/")
    assert not is_logged_in(counter.browser)
    operator.post(f"/backoffice/accounts/credential/{card.pk}/release/")
    log_in(counter.browser, counter.agent, counter.hpc)
    assert is_logged_in(counter.browser)
    actions = [event["action"] for event in events()]
    assert actions.count("block_card") == actions.count("release_card") == 1


def test_blocking_twice_is_one_event(counter, events) -> None:
    block_credential(credential=card_of(counter), by=BY)
    block_credential(credential=card_of(counter), by=BY)
    assert [event["action"] for event in events()].count("block_card") == 1
    assert not Session.objects.exists()


def test_the_page_shows_the_end_of_a_number_only(counter) -> None:
    serial = card_of(counter).serial
    page = counter.browser.get("/account/").content.decode()
    assert f"…{serial[-4:]}" in page
    assert serial not in page


def test_somebody_without_cards_sees_an_empty_list(counter) -> None:
    browser = Client()
    sit_down(browser, make_person("林小明"), counter.institution)
    assert browser.get("/account/").status_code == 200


# --- a card that never logged in here ---------------------------------------------------------------


def second_card(counter: Counter, *, issued: timedelta = timedelta()) -> PkiCard:
    """Another card of the pharmacist, which the platform has not seen."""
    return issue(counter.hpc_authority, NATIONAL_ID, starts_in=issued)


def try_to_log_in(counter: Counter, card: PkiCard) -> str:
    """The refusal's code; empty when the card was accepted."""
    browser = Client()
    job = counter.agent.claim(start_log_in(browser, "HPC")).json()
    answer = counter.agent.result(job, card=card)
    return refusal_code(answer) if answer.status_code != 200 else ""


def test_a_card_that_never_logged_in_here_is_blocked_by_its_kind(counter, events) -> None:
    lost = second_card(counter)
    elsewhere = Client()
    sit_down(elsewhere, counter.person, counter.institution, card_kind=CardKind.CITIZEN)
    assert elsewhere.post("/account/cards/lost", {"card_kind": "HPC"}).status_code == 302
    assert try_to_log_in(counter, lost) == "CARD-BLOCKED"
    assert not is_logged_in(counter.browser)  # the known card of this kind as well
    assert is_logged_in(elsewhere)
    assert 'data-lost="HPC"' in elsewhere.get("/account/").content.decode()
    objects = [event["object_type"] for event in events() if event["action"] == "block_card"]
    assert sorted(objects) == ["credential", "lost_card"]


def test_the_card_that_replaces_it_works(counter, monkeypatch) -> None:
    report_lost_cards(person=counter.person, card_kinds=[CardKind.HPC], by=BY)
    new = second_card(counter, issued=timedelta(hours=1))
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert try_to_log_in(counter, new) == ""


def test_other_kinds_of_card_go_on(counter) -> None:
    report_lost_cards(person=counter.person, card_kinds=[CardKind.CITIZEN], by=BY)
    assert try_to_log_in(counter, second_card(counter)) == ""


@pytest.mark.parametrize(("issued_on", "refused"), [("2019-08-03", True), ("2999-01-01", False)])
def test_an_nhi_card_is_old_or_new_by_its_date_of_issue(counter, issued_on, refused) -> None:
    report_lost_cards(person=counter.person, card_kinds=[CardKind.NHI], by=BY)
    set_password(person=counter.person, password="correct horse battery", by=BY)
    browser, reading = Client(), counter.nhi_card | {"issued_on": issued_on}
    page = show(browser, counter.agent, start_log_in(browser, "NHI"), reading=reading)["Location"]
    answer = browser.post(page, {"password": "correct horse battery"})
    assert (refusal_code(answer) == "CARD-BLOCKED") is refused
    assert is_logged_in(browser) is not refused


def test_a_manager_blocks_cards_that_were_never_seen(counter) -> None:
    manager = Client()
    person = make_member(counter.institution, role=MembershipRole.MANAGER)
    sit_down(manager, person, counter.institution)
    manager.post(f"/account/people/{counter.person.pk}/block")
    assert try_to_log_in(counter, second_card(counter)) == "CARD-BLOCKED"


def test_the_kind_has_to_be_said(counter) -> None:
    answer = counter.browser.post("/account/cards/lost", {"card_kind": "GOVERNMENT"})
    assert (answer.status_code, refusal_code(answer)) == (400, "CARD-LOST-KIND")
    assert is_logged_in(counter.browser)


def test_the_help_desk_reports_and_releases(counter, events) -> None:
    operator = Client()
    sit_down(operator, make_operator(), counter.institution, role=SessionRole.OPERATOR)
    desk = "/backoffice/accounts/lostcard/"
    assert b'data-action="report_card"' in operator.get(desk).content
    lost = second_card(counter)
    operator.post(f"{desk}report/", {"number": NATIONAL_ID, "card_kind": "HPC"})
    assert try_to_log_in(counter, lost) == "CARD-BLOCKED"
    report = LostCard.objects.get()
    assert operator.get(f"{desk}{report.pk}/change/").status_code == 200
    operator.post(f"{desk}{report.pk}/release/")
    assert try_to_log_in(counter, lost) == ""
    assert [event["action"] for event in events()].count("release_card") == 1


def test_the_help_desk_blocks_an_institutions_card_by_its_code(counter) -> None:
    operator = Client()
    sit_down(operator, make_operator(), counter.institution, role=SessionRole.OPERATOR)
    card = counter.institution_card()
    desk, kind = "/backoffice/accounts/lostcard/", {"card_kind": "INSTITUTION"}
    operator.post(f"{desk}report/", {"number": counter.institution.code} | kind)
    job = counter.agent.claim(start_log_in(Client(), "INSTITUTION")).json()
    assert refusal_code(counter.agent.result(job, card=card)) == "CARD-BLOCKED"


@pytest.mark.parametrize("number", ["A123456789", "A1", ""])
def test_the_help_desk_is_told_when_nobody_has_the_number(counter, number) -> None:
    operator = Client()
    sit_down(operator, make_operator(), counter.institution, role=SessionRole.OPERATOR)
    desk = "/backoffice/accounts/lostcard/"
    told = operator.post(f"{desk}report/", {"number": number, "card_kind": "HPC"}, follow=True)
    assert b"errorlist" in told.content or b'class="error"' in told.content
    assert not LostCard.objects.exists()
