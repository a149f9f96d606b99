"""Operators look at visits and insurance: found without a number in an address, each look an event."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.visits.models import InsuranceStatus, Treatment, Visit
from tests.support.cards import NHI_CARD
from tests.support.his import HisWorkstation, make_status
from tests.support.world import make_operator, session_columns

pytestmark = pytest.mark.django_db
ADMIN = "/backoffice/visits"
NUMBER = NHI_CARD["national_id"]


@pytest.fixture
def operator() -> Client:
    store = SessionStore()
    store.open(
        **session_columns(make_operator(), role=SessionRole.OPERATOR, card_kind=CardKind.CITIZEN)
    )
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return browser


@pytest.fixture
def visit() -> Visit:
    make_status()
    assert HisWorkstation().visit().status_code == 200
    return Visit.objects.get()


def shown(events: Any) -> list[tuple[str, str]]:
    return [
        (each["object_type"], each["object_id"])
        for each in events()
        if each["action"] == "show_visits" and each["patient"]
    ]


def test_a_person_is_found_by_number_and_shown_with_a_masked_one(operator, visit, events) -> None:
    status = InsuranceStatus.objects.get()
    answer = operator.post(f"{ADMIN}/insurancestatus/look-up/", {"number": NUMBER}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{ADMIN}/insurancestatus/{status.pk}/change/"
    html = answer.content.decode()
    assert NUMBER not in html
    assert "C121****09" in html
    assert f"patient__id__exact={status.patient_id}" in html
    assert shown(events) == [("insurancestatus", str(status.pk))]
    listed = operator.get(f"{ADMIN}/visit/?patient__id__exact={status.patient_id}")
    assert visit.identifier in listed.content.decode()


@pytest.mark.parametrize("number", ["A123456789", "nobody", ""])
def test_who_is_not_on_the_list_is_said_so(operator, visit, number, events) -> None:
    answer = operator.post(f"{ADMIN}/insurancestatus/look-up/", {"number": number}, follow=True)
    assert "投保名單" in answer.content.decode()
    assert shown(events) == []


@pytest.mark.parametrize("by", ["identifier", "module_code", "institution"])
def test_a_visit_is_found_by_what_stands_in_its_buffers(operator, visit, by) -> None:
    wanted = visit.institution.code if by == "institution" else getattr(visit, by)
    assert visit.identifier in operator.get(f"{ADMIN}/visit/?q={wanted}").content.decode()
    day = visit.visited_on
    of_day = f"?visited_at__year={day.year}&visited_at__month={day.month}&visited_at__day={day.day}"
    assert visit.identifier in operator.get(f"{ADMIN}/visit/{of_day}").content.decode()
    assert visit.identifier not in operator.get(f"{ADMIN}/visit/").content.decode()


def test_a_visit_shows_its_signature_and_nothing_medical(operator, visit, events) -> None:
    Treatment.objects.create(visit=visit, diagnoses=["J069"], doctor_name="林醫師")
    html = operator.get(f"{ADMIN}/visit/{visit.pk}/change/").content.decode()
    assert visit.signature in html
    assert "icon-yes" in html
    assert "C121****09" in html
    for hidden in (NUMBER, "J069", "林醫師", NHI_CARD["card_number"]):
        assert hidden not in html
    assert shown(events) == [("visit", str(visit.pk))]


def test_a_signature_leads_to_its_visit_and_a_changed_one_nowhere(operator, visit) -> None:
    broken = "\n".join([visit.signature[:100], visit.signature[100:]])
    found = operator.post(f"{ADMIN}/visit/look-up/", {"signature": broken})
    assert found["Location"] == f"{ADMIN}/visit/{visit.pk}/change/"
    changed = ("B" if visit.signature[9] == "A" else "A").join(
        [visit.signature[:9], visit.signature[10:]]
    )
    answer = operator.post(f"{ADMIN}/visit/look-up/", {"signature": changed}, follow=True)
    assert "不是本系統的簽章" in answer.content.decode()


def test_modules_and_workstations_are_listed_with_version_and_last_look(operator, visit) -> None:
    code = visit.module_code
    html = operator.get(f"/backoffice/workstations/workstation/?q={code}").content.decode()
    assert code in html
    assert "0.1.0" in html
    assert operator.get("/backoffice/workstations/securitymodule/").status_code == 200
