"""An event holds what auditors need and nothing that would make the log itself sensitive."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.actors import Actor
from apps.audit.events import as_json, event
from apps.audit.terms import DETAIL_KEYS, Action, Outcome

NOBODY = Actor()


def test_carries_who_where_and_by_which_card():
    ids = {
        name: uuid4() for name in ("person", "institution", "session", "workstation", "request_id")
    }
    proof = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
    actor = Actor(
        **ids, role="STAFF", card_kind="HPC", card_serial="0a1b", card_proof_at=proof, ip="::1"
    )
    made = event(Action.SHOW_HOME, by=actor)
    assert made == {
        "action": "show_home",
        "outcome": "permitted",
        "actor": str(ids["person"]),
        "role": "STAFF",
        "institution": str(ids["institution"]),
        "session": str(ids["session"]),
        "workstation": str(ids["workstation"]),
        "request_id": str(ids["request_id"]),
        "card_kind": "HPC",
        "card_serial": "0a1b",
        "card_proof_at": "2026-11-21T06:30:00+00:00",
        "ip": "::1",
    }


def test_carries_what_was_decided():
    patient, grant, entitlement = uuid4(), uuid4(), uuid4()
    made = event(
        Action.CHECK_ELIGIBILITY,
        by=NOBODY,
        outcome=Outcome.REFUSED,
        service="VBK",
        patient=patient,
        reason="not_entitled",
        result_count=0,
        entitlement_id=entitlement,
        grant_id=grant,
        detail={"code": "ACC-403"},
    )
    assert made["outcome"] == "refused"
    assert UUID(made["patient"]) == patient
    assert (made["grant_id"], made["entitlement_id"]) == (str(grant), str(entitlement))
    assert made["result_count"] == 0
    assert made["detail"] == {"code": "ACC-403"}


def test_names_the_job_of_the_platform_itself():
    made = event(Action.EXPIRE_GRANT, by=Actor.system("expire_grants"))
    assert (made["role"], made["detail"]) == ("SYSTEM", {"job": "expire_grants"})


def test_is_ready_for_json():
    made = event(Action.LOG_IN, by=NOBODY, patient=uuid4(), detail={"page": 1, "note": "好"})
    assert json.loads(as_json(made)) == made


def test_refuses_an_unknown_action():
    with pytest.raises(ValueError, match="is not a valid Action"):
        event("look_around", by=NOBODY)


def test_refuses_a_detail_that_is_not_on_the_list():
    with pytest.raises(ValueError, match=r"\['birth_date'\]"):
        event(Action.LOG_IN, by=NOBODY, detail={"code": "X", "birth_date": "1968-02-29"})


@pytest.mark.parametrize("value", [1.5, ["a"], {"a": 1}, uuid4(), b"a"])
def test_refuses_a_detail_of_another_type(value):
    with pytest.raises(ValueError, match="neither text nor a number"):
        event(Action.LOG_IN, by=NOBODY, detail={"code": value})


LOOKS_LIKE_AN_ID = [
    "A123456789",
    "a123456789",
    "A800000014",
    "AC01234567",
    "ID A123456789.",
    "".join(chr(ord(character) + 0xFEE0) for character in "A123456789"),  # full-width
    "身分證A123456789號",
    "B999999999",  # its checksum is wrong, and it may still be somebody's, mistyped
]


@pytest.mark.parametrize("text", LOOKS_LIKE_AN_ID)
@pytest.mark.parametrize("part", ["reason", "object_id", "purpose", "service", "consent_reference"])
def test_refuses_a_national_id_anywhere(part, text):
    with pytest.raises(ValueError, match=part) as refusal:
        event(Action.LOG_IN, by=NOBODY, **{part: text})
    assert text not in str(refusal.value)


@pytest.mark.parametrize("text", LOOKS_LIKE_AN_ID)
def test_refuses_a_national_id_in_the_detail(text):
    with pytest.raises(ValueError, match="query"):
        event(Action.LOG_IN, by=NOBODY, detail={"query": text})


@pytest.mark.parametrize("text", LOOKS_LIKE_AN_ID)
def test_blanks_a_national_id_in_what_people_type(text):
    """A reason with a number in it must not stop the change that it explains."""
    made = event(Action.CLOSE_GRANT, by=NOBODY, detail={"note": f"left: {text}"})
    assert "**********" in made["detail"]["note"]
    assert not any(run in made["detail"]["note"] for run in ("123456789", "800000014", "01234567"))


@given(number=st.uuids())
def test_ids_of_rows_are_never_mistaken_for_national_ids(number):
    made = event(Action.LOG_IN, by=NOBODY, object_id=str(number), detail={"slot": str(number)})
    assert made["object_id"] == str(number)


def test_every_detail_key_is_taken():
    made = event(Action.LOG_IN, by=NOBODY, detail=dict.fromkeys(DETAIL_KEYS, "x"))
    assert made["detail"].keys() == DETAIL_KEYS


def test_actions_are_spelled_as_the_database_wants_them():
    assert all(value.replace("_", "").isalpha() and value.islower() for value in Action.values)
