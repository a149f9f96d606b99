"""Managers see the computers of their institution: state, name, version, when last seen (FEATURES B9)."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.access.terms import MembershipRole
from apps.core import clock
from apps.institutions.models import Institution
from apps.workstations.models import SecurityModule, Workstation
from apps.workstations.releases import note_release
from apps.workstations.services import apply_module, download_module
from tests.support.cards import FakeAgent
from tests.support.logins import sit_down
from tests.support.world import BY, make_institution, make_member, make_person

pytestmark = pytest.mark.django_db
PAGE = "/workstations/overview/"


def manager_of(institution: Institution, role: MembershipRole = MembershipRole.MANAGER) -> Client:
    person, browser = make_person(), Client()
    make_member(institution, person, role=role)
    sit_down(browser, person, institution)
    return browser


@pytest.fixture
def institution() -> Institution:
    """With a module that nobody put to use, and a computer that the operator set up."""
    made = make_institution()
    download_module(module=apply_module(institution=made, name="調劑櫃檯", by=BY), by=BY)
    FakeAgent().enrol(made)
    Workstation.objects.update(name="領藥窗口", agent_version="0.1.0", last_seen_at=clock.now())
    return made


def test_a_manager_sees_state_name_version_and_when(institution) -> None:
    html = manager_of(institution).get(PAGE).content.decode()
    for told in ("調劑櫃檯", "已下載", "領藥窗口", "0.1.0", f"{clock.today():%Y/%m/%d}"):
        assert told in html
    assert 'data-action="revoke_module"' not in html
    assert f'href="{PAGE}"' in html


def test_a_computer_with_an_old_version_is_seen(institution) -> None:
    note_release(version="0.10.0")
    assert "0.10.0" in manager_of(institution).get(PAGE).content.decode()


def test_a_file_that_was_never_put_to_use_has_expired(institution) -> None:
    SecurityModule.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert "已逾期，未曾啟用" in manager_of(institution).get(PAGE).content.decode()


def test_other_institutions_and_other_people_see_nothing_of_it(institution) -> None:
    elsewhere = manager_of(make_institution()).get(PAGE)
    assert "領藥窗口" not in elsewhere.content.decode()
    assert manager_of(institution, MembershipRole.USER).get(PAGE).status_code == 403
    assert manager_of(institution).post(PAGE).status_code == 405
    assert Client().get(PAGE).status_code == 302
