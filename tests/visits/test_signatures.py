"""Signatures that anybody can verify, and identifiers that show a slip of the pen (FEATURES G2)."""

import base64
import string

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.core import clock
from apps.visits.identifiers import ALPHABET, check_character, is_identifier, make_identifier
from apps.visits.keys import key_ring
from apps.visits.signatures import is_order_signature, read_signature, sign_order
from tests.support.his import HisWorkstation, make_status

IDENTIFIERS = st.text(ALPHABET, min_size=12, max_size=12).map(
    lambda body: (digits := "1151124" + body) + check_character(digits)
)


@given(identifier=IDENTIFIERS, place=st.integers(0, 19), other=st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(identifier, place, other) -> None:
    assert is_identifier(identifier)
    if other != identifier[place]:
        assert not is_identifier(identifier[:place] + other + identifier[place + 1 :])


def test_the_check_character_is_that_of_the_standard() -> None:
    """The example of ISO/IEC 7064 for MOD 37,36."""
    assert check_character("A12425GABC1234002") == "M"


def test_identifiers_begin_with_the_day() -> None:
    made = {make_identifier(clock.today()) for _ in range(50)}
    assert len(made) == 50
    assert all(is_identifier(each) for each in made)


@pytest.fixture
def told(db) -> dict:
    make_status()
    return HisWorkstation().visit().json()


def ask(**body: str) -> dict:
    return Client().post("/his/v1/signatures", body, content_type="application/json").json()


def test_the_endpoint_tells_what_was_signed_and_nothing_of_the_patient(told) -> None:
    answer = ask(signature=told["signature"])
    assert answer["valid"] is True
    assert answer["statement"] == {
        "key_id": key_ring().current.id,
        "visited_at": told["visited_at"],
        "sequence": "0001",
        "institution": told["institution_code"],
        "module": told["module_code"],
        "same_day": "N",
        "treat_item": "01",
        "identifier": told["identifier"],
    }


@pytest.mark.parametrize(("birth_date", "matches"), [("0570229", True), ("0570228", False)])
def test_whoever_knows_the_patient_can_have_it_confirmed(told, birth_date, matches) -> None:
    whom = {"card_number": "000012345678", "national_id": "C121103509"}
    answer = ask(signature=told["signature"], birth_date=birth_date, **whom)
    assert answer["patient_matches"] is matches


def test_a_changed_signature_is_no_signature(told) -> None:
    raw = bytearray(base64.b64decode(told["signature"]))
    for place in (0, 5, 20, 60, 80, 110, 130, 191):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert read_signature(base64.b64encode(changed).decode()) is None
        assert ask(signature=base64.b64encode(changed).decode()) == {"valid": False}
    for nonsense in ("x", "=" * 256, "A" * 256, string.ascii_letters):
        assert ask(signature=nonsense)["valid"] is False


def test_the_ten_line_script_of_the_documentation_verifies_it(told, tmp_path) -> None:
    """docs/reference/verify_visit.py, run as a program of its own with the published key."""
    import subprocess
    import sys

    (key,) = Client().get("/his/v1/keys").json()
    command = [sys.executable, "docs/reference/verify_visit.py", key["public_key"]]
    good = subprocess.run(
        [*command, told["signature"]], check=False, capture_output=True, text=True
    )
    assert good.returncode == 0, good.stderr
    assert told["identifier"] in good.stdout
    bad = told["signature"][:-2] + ("AA" if told["signature"][-2:] != "AA" else "BB")
    assert subprocess.run([*command, bad], check=False, capture_output=True).returncode != 0


def test_an_order_signature_is_about_exactly_this_order(db) -> None:
    made = sign_order(identifier="i", national_id="C121103509", order=b"x" * 61)
    assert len(made) == 40
    assert made.isascii()
    right = {"identifier": "i", "national_id": "C121103509", "order": b"x" * 61}
    assert is_order_signature(made, **right)
    for change in ({"identifier": "j"}, {"national_id": "A123456789"}, {"order": b"y" * 61}):
        assert not is_order_signature(made, **right | change)
    asked = {"signature": made, "identifier": "i", "national_id": "C121103509", "order": "x" * 61}
    assert ask(**asked) == {"valid": True}
    assert ask(**asked | {"order": "y" * 61}) == {"valid": False}
