"""The agent's key and its JWS, down to the bytes of the protocol page and of RFC 8037."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.jws import canonical, reading_digest, sign_by_agent
from agent.keys import KEY_FILE, AgentKey, AgentKeyError, load_or_make_key
from tests.agent.fake_server import checked_by_agent, split, unpadded

# RFC 8037 appendix A.1
RFC_8037_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC_8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def test_the_public_key_is_the_x_of_the_jwk() -> None:
    key = AgentKey(Ed25519PrivateKey.from_private_bytes(unpadded(RFC_8037_D)))
    assert key.public == RFC_8037_X
    assert key.jwk == {"kty": "OKP", "crv": "Ed25519", "x": RFC_8037_X}


def test_a_jws_carries_header_and_payload_of_the_protocol_and_verifies() -> None:
    key = AgentKey(Ed25519PrivateKey.from_private_bytes(unpadded(RFC_8037_D)))
    payload = {"transaction": "t", "origin": "http://localhost:8000", "step": "claim"}
    jws = sign_by_agent(key, payload)
    assert split(jws)[0] == {"alg": "EdDSA", "typ": "ankang-agent+jwt", "jwk": key.jwk}
    assert checked_by_agent(jws) == (payload, RFC_8037_X)
    header, _, signature = jws.split(".")
    with pytest.raises(InvalidSignature):
        checked_by_agent(f"{header}.{jws.split('.')[0]}.{signature}")


def test_a_reading_is_digested_as_the_protocol_page_says() -> None:
    reading = {"name": "王\ufffd明", "cancelled": False, "card_number": "1"}
    text = '{"cancelled":false,"card_number":"1","name":"王\ufffd明"}'
    assert canonical(reading) == text.encode()
    # printf '%s' '<text>' | openssl dgst -sha256 -binary | basenc --base64url
    assert reading_digest({}) == "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o"
    assert reading_digest(None) == ""
    assert reading_digest(reading) != reading_digest(json.loads(text) | {"cancelled": True})


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = load_or_make_key(tmp_path / "home")
    assert stat.S_IMODE((tmp_path / "home" / KEY_FILE).stat().st_mode) == 0o600
    assert load_or_make_key(tmp_path / "home").public == first.public
    assert [path.name for path in (tmp_path / "home").iterdir()] == [KEY_FILE]


def test_a_key_others_may_read_and_a_broken_key_are_refused(tmp_path: Path) -> None:
    load_or_make_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(AgentKeyError):
        load_or_make_key(tmp_path)
    (tmp_path / KEY_FILE).write_text("no key")
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(AgentKeyError):
        load_or_make_key(tmp_path)
