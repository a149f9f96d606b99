"""Keys, digests and seals. The vectors were made here, with Python's hmac and the AES-GCM-SIV of OpenSSL."""

import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from django.core.exceptions import ImproperlyConfigured

from apps.identities import sealing
from apps.identities.keys import key_ring
from apps.identities.sealing import SealError, keyed_digest, seal, unseal
from tests.identities.conftest import LOOKUP, SEAL, encode


@pytest.mark.usefixtures("first_key")
class TestDigest:
    def test_is_the_hmac_of_kind_and_number(self):
        digest = keyed_digest(key_ring().current, "NATIONAL_ID", "A123456789")
        assert digest.hex() == "2f34f7ecfba1ac836b3e35301de0e561926984d81202150a858012020303b6e1"

    def test_differs_between_kinds(self):
        key = key_ring().current
        assert keyed_digest(key, "NATIONAL_ID", "A123456789") != keyed_digest(
            key, "PASSPORT", "A123456789"
        )

    def test_kind_and_number_cannot_run_into_each_other(self):
        key = key_ring().current
        assert keyed_digest(key, "AB", "C") != keyed_digest(key, "A", "BC")

    def test_differs_between_keys(self, use_keys):
        use_keys("k1", "k2", current="k1")
        first, second = key_ring().live
        assert keyed_digest(first, "NATIONAL_ID", "A1") != keyed_digest(second, "NATIONAL_ID", "A1")


@pytest.mark.usefixtures("first_key")
class TestSeal:
    def test_opens_to_what_was_sealed(self):
        key_id, sealed = seal(b"A123456789", bound_to=b"row 1")
        assert key_id == "k1"
        assert b"A123456789" not in sealed
        assert unseal(sealed, key_id=key_id, bound_to=b"row 1") == b"A123456789"

    def test_is_nonce_ciphertext_and_tag(self, monkeypatch):
        nonce = bytes(range(12))
        monkeypatch.setattr(sealing.os, "urandom", lambda length: nonce[:length])
        _, sealed = seal(b"A123456789", bound_to=b"row 1")
        assert (
            sealed.hex()
            == "000102030405060708090a0b75ba0d404dec2a7bf50830b51324d89f9fc43856cb8e4d27ee7d"
        )
        assert sealed == nonce + AESGCMSIV(SEAL["k1"]).encrypt(nonce, b"A123456789", b"row 1")

    def test_is_never_the_same_twice(self):
        assert seal(b"A", bound_to=b"") != seal(b"A", bound_to=b"")

    def test_does_not_open_in_another_row(self):
        key_id, sealed = seal(b"A123456789", bound_to=b"row 1")
        with pytest.raises(SealError):
            unseal(sealed, key_id=key_id, bound_to=b"row 2")

    @pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
    def test_does_not_open_after_a_change(self, place):
        key_id, sealed = seal(b"A123456789", bound_to=b"row 1")
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealError):
            unseal(bytes(changed), key_id=key_id, bound_to=b"row 1")

    @pytest.mark.parametrize("length", [0, 5, 12, 20])
    def test_does_not_open_when_cut_short(self, length):
        key_id, sealed = seal(b"A123456789", bound_to=b"row 1")
        with pytest.raises(SealError):
            unseal(sealed[:length], key_id=key_id, bound_to=b"row 1")

    def test_does_not_open_without_its_key(self):
        _, sealed = seal(b"A", bound_to=b"")
        with pytest.raises(SealError, match="no key 'k9'"):
            unseal(sealed, key_id="k9", bound_to=b"")


class TestKeyFile:
    def test_holds_the_current_key_and_those_on_their_way_out(self, use_keys):
        use_keys("k1", "k2", current="k2")
        ring = key_ring()
        assert (ring.current.id, [key.id for key in ring.live]) == ("k2", ["k1", "k2"])
        assert ring.current.lookup == LOOKUP["k2"]

    def test_shows_no_key_when_printed(self, use_keys):
        use_keys("k1", current="k1")
        assert repr(key_ring()).count("Key(id='k1')") == 2

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "[]",
            '{"current": "k1"}',
            '{"current": "k1", "keys": {}}',
            '{"current": "k2", "keys": {"k1": GOOD}}',
            '{"current": "k1", "keys": {"k1": {"lookup": "SECRET", "seal": "SECRET"}}}',
            '{"current": "k1", "keys": {"k1": {"lookup": "U0VDUkVU", "seal": "U0VDUkVU"}}}',
            '{"current": "k1", "keys": {"k1": "SECRET"}}',
            '{"current": "01234567890123456", "keys": {"01234567890123456": GOOD}}',
        ],
    )
    def test_a_wrong_file_stops_without_telling_what_is_in_it(self, content, settings, tmp_path):
        good = json.dumps({"lookup": encode(LOOKUP["k1"]), "seal": encode(SEAL["k1"])})
        path = tmp_path / "wrong.json"
        path.write_text(content.replace("GOOD", good))
        settings.IDENTITY_KEYS = str(path)
        with pytest.raises(ImproperlyConfigured) as stop:
            key_ring()
        assert "SECRET" not in str(stop.value)
        assert stop.value.__cause__ is None

    def test_a_missing_file_stops_too(self, settings, tmp_path):
        settings.IDENTITY_KEYS = str(tmp_path / "missing.json")
        with pytest.raises(ImproperlyConfigured):
            key_ring()
