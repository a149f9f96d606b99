"""One event has one form, and another event has another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.canonical import COLUMNS, PARTS, canonical, event_of, leaf_of, salt_of
from apps.audit.merkle import leaf_hash

pytestmark = pytest.mark.django_db

FULL = {
    "action": "show_booking",
    "actor": "00000000-0000-4000-8000-000000000001",
    "card_kind": "HPC",
    "card_proof_at": "2026-11-21T07:00:00.120+08:00",
    "detail": {"note": "急診", "dose": 2},
    "ip": "192.0.2.7",
    "outcome": "refused",
    "reason": 'a "quote"\n',
    "result_count": 0,
}


def row_of(log, number, timezone="UTC"):
    reader = log.connect("ankang_sealer")
    reader.execute(f"SET timezone = '{timezone}'")
    reader.execute("SET datestyle = 'German, DMY'")
    return reader.execute(f"SELECT {COLUMNS} FROM audit.event WHERE id = %s", [number]).fetchone()


def test_the_form_is_sorted_json_of_what_is_known(log):
    row = row_of(log, log.append(**FULL))
    event = event_of(row)
    assert list(event) == sorted(event)
    assert event | {"result_count": 0} == event
    assert {name: event[name] for name in ("card_proof_at", "ip", "reason", "detail")} == {
        "card_proof_at": "2026-11-20T23:00:00.12Z",
        "ip": "192.0.2.7",
        "reason": 'a "quote"\n',
        "detail": '{"dose": 2, "note": "急診"}',
    }
    assert "patient" not in event
    assert json.loads(canonical(event)) == event
    assert b": " not in canonical(event | {"detail": ""})
    assert "急診".encode() in canonical(event)


def test_the_form_does_not_depend_on_the_connection(log):
    number = log.append(**FULL)
    forms = {canonical(event_of(row_of(log, number, zone))) for zone in ("UTC", "Asia/Taipei")}
    assert len(forms) == 1


def test_the_leaf_is_the_form_and_its_salt(log):
    row = row_of(log, log.append())
    assert len(salt_of(row)) == 16
    assert leaf_of(row) == leaf_hash(canonical(event_of(row)) + salt_of(row))


def test_every_column_is_in_the_form(log):
    columns = log.ask(
        'SELECT array_agg(column_name::text ORDER BY column_name::text COLLATE "C") '
        "FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = 'event'"
    )
    assert sorted([*PARTS, "salt"]) == columns


@given(
    st.dictionaries(
        st.from_regex("[a-z_]{1,12}", fullmatch=True),
        st.text() | st.integers(-(2**53) + 1, 2**53 - 1),
    )
)
def test_the_form_can_be_read_back(event):
    ordered = dict(sorted(event.items()))
    assert json.loads(canonical(ordered)) == ordered
