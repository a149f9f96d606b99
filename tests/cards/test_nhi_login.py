"""Login with the NHI card: the reading of an enrolled workstation and the registered password."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.access.models import Membership
from apps.access.terms import MembershipRole
from apps.accounts.models import Credential, PasswordAttempt, Person, RegistrationCode, Session
from apps.accounts.passwords import issue_registration_code, set_password
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, CredentialState
from apps.cards.models import CardTransaction, Reading
from apps.core import clock
from tests.support.cards import (
    NHI_CARD,
    FakeAgent,
    issue,
    latest,
    log_in,
    refusal_code,
    show,
    start_log_in,
    trust,
)
from tests.support.logins import NATIONAL_ID, Counter, sit_down
from tests.support.world import BY, make_institution, make_member

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
WRONG = "wrong horse battery"


class NhiCounter(Counter):
    def read(self, card: dict[str, Any] | None = None, agent: FakeAgent | None = None) -> str:
        """Reads an NHI card for a login; the page that comes then."""
        transaction = start_log_in(self.browser, "NHI")
        back = show(self.browser, agent or self.agent, transaction, reading=card or self.nhi_card)
        return str(back["Location"])

    def type_password(self, password: str, page: str | None = None) -> Any:
        return self.browser.post(page or self.read(), {"password": password})

    def register(self, code: str, password: str = PASSWORD, again: str | None = None) -> Any:
        page = self.read().replace("/password", "/register")
        typed = {"registration_code": code, "password": password}
        return self.browser.post(page, typed | {"password_again": again or password})


@pytest.fixture
def counter() -> NhiCounter:
    counter = NhiCounter()
    set_password(person=counter.person, password=PASSWORD, by=BY)
    return counter


def test_reading_and_password_log_in(counter, events) -> None:
    done = counter.type_password(PASSWORD)
    assert (done.status_code, done["Location"]) == (303, "/my/")
    session = Session.objects.get()
    assert (session.person, session.card_kind) == (counter.person, CardKind.NHI)
    assert session.institution_id == counter.institution.pk
    assert session.workstation_id == counter.workstation.pk
    assert [event["outcome"] for event in events() if event["action"] == "log_in"] == ["permitted"]


def test_the_card_alone_opens_nothing(counter) -> None:
    page = counter.read()
    assert page == f"/cards/{latest().id}/password"
    assert counter.browser.get(page).status_code == 200
    assert not Session.objects.exists()
    assert not Reading.objects.exists()


def test_no_number_of_the_person_stands_in_an_address_or_on_the_page(counter) -> None:
    page = counter.read()
    shown = counter.browser.get(page).content.decode()
    assert NATIONAL_ID not in page + shown


@pytest.mark.parametrize("who", ["known", "unknown", "without a password", "left"])
def test_15_everything_wrong_gets_one_answer(counter, who) -> None:
    """Threat 15: neither who is registered here, nor who has a password, can be told apart."""
    card = counter.nhi_card
    if who == "unknown":
        card = NHI_CARD | {"national_id": "F226789013"}
    elif who == "without a password":
        Person.objects.update(password="")
    elif who == "left":
        Person.objects.update(is_active=False)
    page = counter.read(card)
    answer = counter.type_password(PASSWORD if who == "left" else WRONG, page)
    assert (answer.status_code, refusal_code(answer)) == (403, "LOGIN-PASSWORD")
    assert not Session.objects.exists()


def test_a_wrong_password_is_in_the_log_without_the_password(counter, events) -> None:
    counter.type_password(WRONG)
    (event,) = [event for event in events() if event["outcome"] == "refused"]
    assert (event["action"], event["reason"]) == ("log_in", "password_wrong")
    assert event["card_serial"] == counter.nhi_card["card_number"]
    assert WRONG not in str(event)


def test_13_five_wrong_guesses_close_this_card_at_this_counter_only(counter) -> None:
    """Threats 13 and 14: a stranger's guesses lock nobody out elsewhere, nor others here."""
    page = counter.read()
    for _guess in range(5):
        assert refusal_code(counter.type_password(WRONG, page)) == "LOGIN-PASSWORD"
    closed = counter.type_password(PASSWORD, page)
    assert (closed.status_code, refusal_code(closed)) == (429, "LOGIN-TRIES")

    other_counter = FakeAgent()
    other_counter.enrol(counter.institution)
    done = counter.type_password(PASSWORD, counter.read(agent=other_counter))
    assert done["Location"] == "/my/"


def test_a_new_reading_gives_no_new_guesses(counter) -> None:
    for _guess in range(5):
        counter.type_password(WRONG)
    assert counter.type_password(PASSWORD).status_code == 429


def test_guesses_count_for_a_quarter_of_an_hour(counter) -> None:
    for _guess in range(5):
        counter.type_password(WRONG)
    PasswordAttempt.objects.update(tried_at=clock.now() - timedelta(minutes=15))
    assert counter.type_password(PASSWORD).status_code == 303


def test_the_right_password_clears_the_guesses(counter) -> None:
    counter.type_password(WRONG)
    counter.type_password(PASSWORD)
    assert not PasswordAttempt.objects.exists()


def test_the_password_page_belongs_to_the_browser_that_started(counter) -> None:
    page = counter.read()
    assert Client().get(page).status_code == 403
    assert Client().post(page, {"password": PASSWORD}).status_code == 403


def test_one_reading_opens_one_session(counter) -> None:
    page = counter.read()
    assert counter.type_password(PASSWORD, page).status_code == 303
    assert counter.type_password(PASSWORD, page).status_code == 410
    assert Session.objects.count() == 1


def test_a_reading_that_waited_too_long_is_over(counter) -> None:
    page = counter.read()
    CardTransaction.objects.update(expires_at=clock.now())
    assert counter.type_password(PASSWORD, page).status_code == 410


def test_the_right_password_of_somebody_of_elsewhere_does_not_log_in(counter) -> None:
    Membership.objects.update(institution=make_institution())
    assert refusal_code(counter.type_password(PASSWORD)) == "LOGIN-NOT-HERE"


def test_a_blocked_nhi_card_does_not_log_in(counter) -> None:
    counter.type_password(PASSWORD)
    Credential.objects.filter(card_kind=CardKind.NHI).update(state=CredentialState.BLOCKED)
    assert refusal_code(counter.type_password(PASSWORD)) == "CARD-BLOCKED"


def test_a_cancelled_nhi_card_is_refused(counter) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, "NHI")).json()
    answer = counter.agent.result(job, reading=counter.nhi_card | {"cancelled": True})
    assert refusal_code(answer) == "NHI-CANCELLED"


def test_the_password_is_kept_as_an_argon2_digest(counter) -> None:
    assert Person.objects.get(pk=counter.person.pk).password.startswith("argon2")


def test_first_registration_with_a_one_time_code_logs_in(counter) -> None:
    Person.objects.update(password="")
    code = issue_registration_code(person=counter.person, by=BY)
    done = counter.register(f"{code[:4]}-{code[4:8]}-{code[8:]}".lower())
    assert (done.status_code, done["Location"]) == (303, "/my/")
    assert Session.objects.get().person == counter.person
    assert refusal_code(counter.register(code)) == "LOGIN-PASSWORD"  # used up
    assert counter.type_password(PASSWORD).status_code == 303


@pytest.mark.parametrize("why", ["wrong", "expired", "of somebody else", "replaced"])
def test_a_code_that_does_not_count_registers_nothing(counter, why) -> None:
    code = issue_registration_code(person=counter.person, by=BY)
    if why == "wrong":
        code = "AAAABBBBCCCC"
    elif why == "expired":
        RegistrationCode.objects.update(expires_at=clock.now())
    elif why == "of somebody else":
        code = issue_registration_code(person=make_member(counter.institution), by=BY)
    else:
        issue_registration_code(person=counter.person, by=BY)
    answer = counter.register(code, "another good password")
    assert (answer.status_code, refusal_code(answer)) == (403, "LOGIN-PASSWORD")
    assert counter.type_password(PASSWORD).status_code == 303


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123"])
def test_a_weak_password_is_refused_before_the_code_is_used(counter, password) -> None:
    code = issue_registration_code(person=counter.person, by=BY)
    assert counter.register(code, password).status_code == 400
    assert counter.register(code, PASSWORD, again=WRONG).status_code == 400
    assert counter.register(code).status_code == 303


def test_a_manager_hands_out_the_code(counter, events) -> None:
    manager = make_member(counter.institution, role=MembershipRole.MANAGER)
    browser = Client()
    sit_down(browser, manager, counter.institution)
    path = f"/account/people/{counter.person.pk}/code"
    assert browser.post(path)["Location"] == path
    page = browser.get(path).content.decode()
    code = page.split("<code>")[1].split("</code>")[0]
    assert counter.register(code).status_code == 303
    assert "issue_code" in [event["action"] for event in events()]


def test_the_code_is_shown_once_and_on_its_own_page_only(counter) -> None:
    """A reload issues no other one: that would end the code that was just read out."""
    manager = make_member(counter.institution, role=MembershipRole.MANAGER)
    colleague = make_member(counter.institution)
    browser = Client()
    sit_down(browser, manager, counter.institution)
    own, other = (f"/account/people/{each.pk}/code" for each in (counter.person, colleague))
    browser.post(own)
    digest = RegistrationCode.objects.get(person=counter.person).digest
    assert "<code>" not in browser.get(other).content.decode()
    assert "<code>" not in browser.get(own).content.decode()  # the visit elsewhere took it
    browser.post(own)
    assert RegistrationCode.objects.get(person=counter.person).digest != digest
    kept = str(SessionStore().decode(Session.objects.get(person=manager).session_data))
    code = browser.get(own).content.decode().split("<code>")[1].split("</code>")[0]
    assert "data-code-shown" in browser.get(own).content.decode()
    assert code not in kept
    assert code.replace("-", "") not in kept
    assert counter.register(code).status_code == 303


def test_right_after_a_citizen_certificate_the_password_can_be_set(counter) -> None:
    citizen = issue(trust(CardKind.CITIZEN), NATIONAL_ID, kind=CardKind.CITIZEN)
    log_in(counter.browser, counter.agent, citizen)
    new = {"password": "a new good password", "password_again": "a new good password"}
    assert counter.browser.post("/account/password/", new)["Location"] == "/account/"
    assert counter.type_password("a new good password").status_code == 303

    log_in(counter.browser, counter.agent, citizen)
    Session.objects.update(card_proof_at=clock.now() - timedelta(minutes=11))
    late = counter.browser.post("/account/password/", new)
    assert (late.status_code, refusal_code(late)) == (403, "LOGIN-CERT-NEEDED")


def test_a_health_professional_card_does_not_set_the_password(counter) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    assert counter.browser.get("/account/password/").status_code == 403
