"""Each rule of the review queue: what it flags, and what it leaves alone."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from apps.audit.actors import Actor
from apps.audit.models import Event
from apps.audit.terms import Action
from apps.core import clock
from apps.identities.models import Identity
from apps.oversight import rules
from apps.oversight.rules.base import Period
from apps.oversight.rules.same_family import family_name
from apps.queries.terms import BREAK_GLASS
from tests.support.auditing import note
from tests.support.booking import make_campaign, make_site, make_slot
from tests.support.world import Pharmacy, grant, make_member

pytestmark = pytest.mark.django_db
LOOK = Action.SHOW_BOOKING


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture
def began() -> datetime:
    with connection.cursor() as cursor:  # the log's own clock
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def find(code: str, began: datetime, limit: int = 0, floor: int = 0) -> list[rules.Flag]:
    time.sleep(0.001)
    period = Period(began, clock.now() + timedelta(seconds=1))
    return list(rules.rule_of(code).find(period, limit, floor))


def patient() -> Any:
    return Identity.objects.create().pk


def test_urgent_without_consent_is_flagged_once_for_each_query(world, began) -> None:
    one, two = patient(), patient()
    broken = {"consent": "urgent", "reason": BREAK_GLASS}
    urgent = [note(world, Action.RECORD_CONSENT, patient=each, **broken) for each in (one, two)]
    note(world, LOOK, patient=one, consent="urgent")
    note(world, LOOK, patient=one, consent="obtained")
    assert [flag.event.id for flag in find("break_glass", began)] == urgent


def test_what_went_on_unsealed_is_flagged(world, began) -> None:
    by = Actor(person=world.pharmacist.pk, role="STAFF", unsealed=True)
    number = note(world, LOOK, patient=patient(), by=by)
    note(world, LOOK, patient=patient())
    assert [flag.event.id for flag in find("downtime", began)] == [number]


def test_a_grant_to_oneself_is_flagged_and_to_others_not(world, began) -> None:
    number = note(world, Action.OPEN_GRANT, detail={"self_granted": True})
    note(world, Action.OPEN_GRANT, detail={"self_granted": False})
    note(world, Action.OPEN_GRANT)
    assert [flag.event.id for flag in find("self_grant", began)] == [number]


class TestUnusualVolume:
    @pytest.mark.parametrize(("patients", "flagged"), [(4, 0), (5, 1), (6, 1)])
    def test_from_the_floor_on(self, world, began, patients, flagged) -> None:
        for _ in range(patients):
            note(world, LOOK, patient=patient())
        found = find("unusual_volume", began, limit=3, floor=5)
        assert len(found) == flagged
        if found:
            assert found[0].facts == {"patients": patients, "usual": 0.0}

    def test_the_same_patient_again_is_no_more(self, world, began) -> None:
        one = patient()
        for _ in range(9):
            note(world, LOOK, patient=one)
        assert find("unusual_volume", began, limit=3, floor=5) == []

    def test_somebody_who_always_has_many_is_not_flagged(self, world, began, monkeypatch) -> None:
        monkeypatch.setattr(rules.unusual_volume, "_usual", lambda actor, span: 2.0)
        for _ in range(6):
            note(world, LOOK, patient=patient())
        assert find("unusual_volume", began, limit=3, floor=5) == []
        assert len(find("unusual_volume", began, limit=2, floor=5)) == 1


class TestOutOfHours:
    """The log's clock cannot be moved, so the hours are."""

    def test_at_night_once_a_person(self, world, began) -> None:
        for _ in range(3):
            note(world, LOOK, patient=patient())
        assert len(find("out_of_hours", began, limit=0, floor=24)) == 1

    def test_not_by_day(self, world, began) -> None:
        note(world, LOOK, patient=patient())
        assert find("out_of_hours", began, limit=25, floor=0) == []

    def test_not_where_there_is_an_emergency_department(self, world, began) -> None:
        world.institution.has_emergency_department = True
        world.institution.save()
        note(world, LOOK, patient=patient())
        assert find("out_of_hours", began, limit=0, floor=24) == []


class TestNoCard:
    def test_a_look_without_a_card_is_flagged_once(self, world, began) -> None:
        one = patient()
        number = note(world, LOOK, patient=one)
        note(world, LOOK, patient=one)
        assert [flag.event.id for flag in find("no_card", began, limit=60)] == [number]

    def test_a_card_read_there_before_is_enough(self, world, began) -> None:
        one = patient()
        note(world, Action.READ_CARD, patient=one)
        note(world, LOOK, patient=one)
        assert find("no_card", began, limit=60) == []

    @pytest.mark.parametrize("other", [{"patient": True}, {"institution": True}, {"after": True}])
    def test_another_patients_card_or_place_or_a_later_one_is_not(
        self, world, began, other
    ) -> None:
        one = patient()
        reader = Pharmacy() if "institution" in other else world
        card = {"patient": patient() if "patient" in other else one}
        if "after" not in other:
            note(reader, Action.READ_CARD, **card)
        number = note(world, LOOK, patient=one)
        if "after" in other:
            note(reader, Action.READ_CARD, **card)
        assert [flag.event.id for flag in find("no_card", began, limit=60)] == [number]

    def test_where_the_number_may_be_typed_no_card_is_needed(self, world, began) -> None:
        note(world, LOOK, patient=patient(), service="TCH")
        assert find("no_card", began, limit=60) == []


class TestSameFamily:
    @pytest.mark.parametrize(
        ("name", "family"),
        [("王大明", "王"), ("歐陽菲菲", "歐陽"), ("歐菲", "歐"), ("Mary Smith", "smith"), ("", "")],
    )
    def test_family_names(self, name, family) -> None:
        assert family_name(name) == family

    @pytest.mark.parametrize(
        ("patients_name", "limit", "flagged"),
        [("鄂小明", 1000, 1), ("王小明", 1000, 0), ("鄂小明", 0, 1)],
    )
    def test_a_rare_name_that_both_have(self, world, began, patients_name, limit, flagged) -> None:
        person = make_member(world.institution)
        person.name = "鄂一"
        person.save()
        one = booked(world, patients_name)
        note(world, LOOK, patient=one, by=Actor(person=person.pk, role="STAFF"))
        assert len(find("same_family", began, limit=limit)) == flagged

    def test_a_common_name_says_nothing(self, world, began) -> None:
        for _ in range(3):
            make_member(world.institution)  # 陳怡君 all of them
        note(world, LOOK, patient=booked(world, "陳小明"))
        assert find("same_family", began, limit=20) == []

    def test_oneself_always(self, world, began) -> None:
        note(world, LOOK, patient=world.pharmacist.identity_id)
        (flag,) = find("same_family", began, limit=1)
        assert flag.facts["own"] is True


def booked(world: Pharmacy, name: str) -> Any:
    from apps.booking.models import Booking

    campaign = make_campaign()
    one = Identity.objects.create()
    Booking.objects.create(
        campaign=campaign,
        slot=make_slot(make_site(campaign)),
        patient=one,
        name=name,
        masked_id="C121****09",
        phone="0912345678",
        booked_by=world.pharmacist,
        institution=world.institution,
        key=one.pk,
    )
    return one.pk


class TestDormantGrant:
    def test_first_use_long_after_it_was_given(self, world, began) -> None:
        given = world.grant
        given.granted_at = clock.now() - timedelta(days=100)
        given.save()
        number = note(world, LOOK, patient=patient(), grant_id=given.pk)
        note(world, LOOK, patient=patient(), grant_id=given.pk)
        (flag,) = find("dormant_grant", began, limit=90)
        assert (flag.event.id, flag.facts) == (number, {"days": 100})
        assert find("dormant_grant", began, limit=101) == []

    def test_a_grant_in_use_is_awake(self, world) -> None:
        given = grant(make_member(world.institution), world.entitlement)
        given.granted_at = clock.now() - timedelta(days=100)
        given.save()
        note(world, LOOK, patient=patient(), grant_id=given.pk)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            later = cursor.fetchone()[0]
        number = note(world, LOOK, patient=patient(), grant_id=given.pk)
        period = Period(later, clock.now() + timedelta(seconds=1))
        assert Event.objects.get(pk=number).recorded_at >= later
        assert list(rules.rule_of("dormant_grant").find(period, 1, 0)) == []
