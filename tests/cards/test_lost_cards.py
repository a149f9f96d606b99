"""A lost card is blocked at once, by its holder, a manager, or an operator (FEATURES A13)."""

import pytest
from django.test import Client

from apps.access.terms import MembershipRole
from apps.accounts.models import Credential, Session
from apps.accounts.services import block_credential
from apps.accounts.terms import CredentialState
from tests.support.cards import log_in, refusal_code, start_log_in
from tests.support.logins import Counter, sit_down
from tests.support.world import BY, make_institution, make_member, make_person

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
    from apps.accounts.terms import SessionRole
    from tests.support.world import make_operator

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
