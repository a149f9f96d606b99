"""Card certificates, good and bad, each at the door of a login (threat 8)."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.test import Client

from apps.accounts.models import Credential
from apps.accounts.terms import CardKind
from apps.cards.models import TrustAnchor
from tests.support.cards import FakeAgent, PkiCard, latest, refusal_code, start_log_in
from tests.support.certificates import (
    CLIENT,
    DAY,
    SERVER,
    Issuer,
    ec_key,
    key_usage,
    rsa_key,
)
from tests.support.logins import NATIONAL_ID, make_person_with
from tests.support.world import make_institution, make_member

pytestmark = pytest.mark.django_db

UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
POLICY = x509.CertificatePolicies(
    [x509.PolicyInformation(x509.ObjectIdentifier("2.16.886.1.100.1"), None)]
)
EXPIRED = {"starts": -20 * DAY, "ends": -DAY}


class Door:
    """A login of somebody who may log in, if only the card is believed."""

    def __init__(self) -> None:
        self.root = Issuer.root()
        self.trust(self.root)
        make_member(make_institution(), make_person_with(NATIONAL_ID))

    def trust(self, issuer: Issuer, kind: CardKind = CardKind.HPC, **fields: Any) -> None:
        values = {"needs_list": False} | fields
        TrustAnchor.objects.create(
            card_kind=kind, name=str(kind) + issuer.pem[60:90], certificate=issuer.pem, **values
        )

    def try_card(self, card: PkiCard) -> Any:
        agent = FakeAgent()
        job = agent.claim(start_log_in(Client(), card.kind)).json()
        return agent.result(job, card=card)

    def leaf(self, **options: Any) -> PkiCard:
        return self.root.leaf(NATIONAL_ID, **options)


@pytest.fixture
def door() -> Door:
    return Door()


def chained(card: PkiCard, *issuers: Issuer) -> PkiCard:
    """The card together with the certificates between it and the root."""
    return PkiCard(card.kind, card.key, [*card.chain, *(each.certificate for each in issuers)])


def through_intermediate(door: Door) -> PkiCard:
    between = door.root.below()
    return chained(between.leaf(NATIONAL_ID), between)


def through_weak_intermediate(door: Door) -> PkiCard:
    between = door.root.below(key=rsa_key(1024))
    return chained(between.leaf(NATIONAL_ID), between)


def with_tampered_signature(door: Door) -> PkiCard:
    """Another number in the subject, under the signature of the first."""
    card = door.leaf()
    der = bytearray(card.chain[0].public_bytes(Encoding.DER))
    at = der.index(NATIONAL_ID.encode())
    der[at : at + 10] = b"B121234562"
    return PkiCard(card.kind, card.key, [x509.load_der_x509_certificate(bytes(der))])


def self_signed(door: Door) -> PkiCard:
    key = ec_key()
    own = Issuer(key, Issuer.root("自簽").certificate)
    return own.leaf(NATIONAL_ID, key=key, signed_by=key)


def of_untrusted_issuer(door: Door) -> PkiCard:
    return Issuer.root("別處").leaf(NATIONAL_ID)


def of_authority_for_another_kind(door: Door) -> PkiCard:
    other = Issuer.root("自然人")
    door.trust(other, CardKind.CITIZEN)
    return other.leaf(NATIONAL_ID)


def of_retired_authority(door: Door) -> PkiCard:
    other = Issuer.root("停用")
    door.trust(other, active=False)
    return other.leaf(NATIONAL_ID)


def beyond_the_path_length(door: Door) -> PkiCard:
    """The root allows one authority below itself; here are two."""
    first = door.root.below("一", path_length=None)
    second = first.below("二", path_length=0)
    return chained(second.leaf(NATIONAL_ID), second, first)


def with_a_chain_that_is_too_long(door: Door) -> PkiCard:
    issuers = [door.root.below(str(number)) for number in range(6)]
    return chained(door.leaf(), *issuers)


def by_a_card_as_issuer(door: Door) -> PkiCard:
    """Somebody's own card certificate cannot issue another one."""
    card = door.leaf()
    own = Issuer(card.key, card.chain[0])
    return chained(own.leaf(NATIONAL_ID), own)


def without_its_intermediate(door: Door) -> PkiCard:
    return door.root.below().leaf(NATIONAL_ID)


def with_another_cards_certificate(door: Door) -> PkiCard:
    return PkiCard(CardKind.HPC, ec_key(), door.leaf().chain)


Make = Callable[[Door], PkiCard]


def leaf(**options: Any) -> Make:
    return lambda door: door.leaf(**options)


GOOD: dict[str, Make] = {
    "P-256": leaf(),
    "P-256 with a non-critical policy": leaf(extension=POLICY),
    "P-256 without extended usage": leaf(extended=()),
    "P-256 for client and server": leaf(extended=(CLIENT, SERVER)),
    "P-384": leaf(key=ec_key(ec.SECP384R1())),
    "RSA 2048": leaf(key=rsa_key()),
    "RSA 3072": leaf(key=rsa_key(3072)),
    "through an intermediate": through_intermediate,
    "unknown extension that is not critical": leaf(extension=UNKNOWN),
}
BAD: dict[str, tuple[Make, str]] = {
    "expired RSA": (leaf(key=rsa_key(), **EXPIRED), "CARD-CERT-EXPIRED"),
    "expired EC": (leaf(**EXPIRED), "CARD-CERT-EXPIRED"),
    "not yet valid": (leaf(starts=DAY), "CARD-CERT-EARLY"),
    "no key usage": (leaf(usage=None), "CARD-CERT"),
    "key usage without signing": (leaf(usage=key_usage("key_encipherment")), "CARD-CERT"),
    "key usage for content only": (leaf(usage=key_usage("content_commitment")), "CARD-CERT"),
    "key usage of an authority": (leaf(usage=key_usage("key_cert_sign")), "CARD-CERT-ISSUER"),
    "for servers only": (leaf(extended=(SERVER,)), "CARD-CERT-ISSUER"),
    "wrong authority for the kind": (of_authority_for_another_kind, "CARD-CERT-ISSUER"),
    "unknown authority": (of_untrusted_issuer, "CARD-CERT-ISSUER"),
    "retired authority": (of_retired_authority, "CARD-CERT-ISSUER"),
    "path length exceeded": (beyond_the_path_length, "CARD-CERT-ISSUER"),
    "issued by a card": (by_a_card_as_issuer, "CARD-CERT-ISSUER"),
    "intermediate missing": (without_its_intermediate, "CARD-CERT-ISSUER"),
    "unknown critical extension": (
        leaf(extension=UNKNOWN, critical=True),
        "CARD-CERT-ISSUER",
    ),
    "tampered": (with_tampered_signature, "CARD-CERT-ISSUER"),
    "self-signed": (self_signed, "CARD-CERT-ISSUER"),
    "chain too long": (with_a_chain_that_is_too_long, "CARD-CERT"),
    "weak RSA 1024": (leaf(key=rsa_key(1024)), "CARD-CERT"),
    "through a weak RSA 1024 authority": (through_weak_intermediate, "CARD-CERT-ISSUER"),
    "another card's certificate": (with_another_cards_certificate, "CARD-PROOF"),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD.keys())
def test_08_a_good_certificate_logs_in(door, make) -> None:
    answer = door.try_card(make(door))
    assert answer.status_code == 200, answer.json()


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # weak RSA 1024
@pytest.mark.parametrize(("make", "code"), BAD.values(), ids=BAD.keys())
def test_08_a_bad_certificate_is_refused(door, make, code) -> None:
    answer = door.try_card(make(door))
    assert (answer.status_code, refusal_code(answer)) == (403, code)


NAMES = {
    "a long name": [(NameOID.COMMON_NAME, "陳" * 64)],
    "no common name": [],
    "two common names": [(NameOID.COMMON_NAME, "陳怡君"), (NameOID.COMMON_NAME, "別名")],
    "several units": [
        (NameOID.ORGANIZATION_NAME, "衛生福利部"),
        *[(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in ("醫事司", "藥政科", "甲")],
        (NameOID.COMMON_NAME, "陳怡君"),
    ],
    "a title in words": [(NameOID.TITLE, "藥師兼任主任"), (NameOID.COMMON_NAME, "陳怡君")],
    "a name with a line break": [(NameOID.COMMON_NAME, "陳\n怡君")],
    "names in Latin letters": [(NameOID.COMMON_NAME, "CHEN, I-CHUN"), (NameOID.SURNAME, "CHEN")],
}
NUMBERS = {
    "the smallest": 1,
    "with a leading zero": int("00f1", 16),
    "20 bytes": 2**159 - 1,
    "the first bit set": 0x80,
}


@pytest.mark.filterwarnings(
    "ignore:Attribute.s length must be:UserWarning"
)  # cryptography, a long name
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES.keys())
@pytest.mark.parametrize("key", [ec_key, rsa_key], ids=["EC", "RSA"])
def test_08_strange_names_do_not_keep_a_holder_out(door, names, key) -> None:
    answer = door.try_card(door.leaf(names=names, key=key()))
    assert answer.status_code == 200, answer.json()
    assert latest().profession == ""
    assert latest().person.name == "陳怡君"  # by the number, never by the certificate's name


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS.keys())
def test_08_strange_serial_numbers_are_told_apart(door, number) -> None:
    assert door.try_card(door.leaf(serial=number)).status_code == 200
    assert Credential.objects.get().serial == f"{number:x}"
    assert door.try_card(door.leaf(serial=number + 1)).status_code == 200
    assert Credential.objects.count() == 2


@pytest.mark.parametrize(
    "number", ["", "A22345678", "A223456782", "A2234567811", "a\x00b", "5931000001", "ＡＢＣ"]
)
def test_08_a_subject_that_names_nobody_is_refused_by_name(door, number) -> None:
    answer = door.try_card(door.root.leaf(number))
    assert (answer.status_code, refusal_code(answer)) == (403, "LOGIN-NOT-HERE")


def test_08_a_key_that_no_card_has_is_refused(door) -> None:
    card = door.leaf(key=ed25519.Ed25519PrivateKey.generate(), usage=key_usage("digital_signature"))
    signer = ec_key()
    answer = door.try_card(PkiCard(CardKind.HPC, signer, card.chain))
    assert answer.status_code == 403
    assert refusal_code(answer).startswith("CARD-")


@pytest.mark.parametrize("broken", [b"", b"not a certificate", b"\x30\x03\x02\x01\x05"])
def test_08_something_that_is_no_certificate_is_refused(door, broken) -> None:
    import base64

    card = door.leaf()
    agent = FakeAgent()
    job = agent.claim(start_log_in(Client(), "HPC")).json()
    x5c = [base64.b64encode(broken).decode()]
    sign = card.sign
    card.sign = lambda payload, **header: sign(payload, x5c=x5c, **header)  # type: ignore[method-assign]
    assert refusal_code(agent.result(job, card=card)) == "CARD-CERT"


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"x5c": []}, {"x5c": "text"}, {"x5c": [5]}])
def test_08_a_proof_of_another_shape_is_refused(door, header) -> None:
    card = door.leaf()
    agent = FakeAgent()
    job = agent.claim(start_log_in(Client(), "HPC")).json()
    sign = card.sign
    card.sign = lambda payload: sign(payload, **header)  # type: ignore[method-assign]
    assert refusal_code(agent.result(job, card=card)) in {"CARD-PROOF", "CARD-CERT"}


def test_a_refusal_tells_the_agents_page_what_to_do_next(door: Door) -> None:
    """The person is on the agent's page, which knows nothing of certificates."""
    answer = door.try_card(door.leaf(**EXPIRED))
    assert answer.json()["code"] == "CARD-CERT-EXPIRED"
    assert answer.json()["detail"]["way_on"] == "請改用其他卡片，或洽發卡單位。"
    assert answer["Content-Language"] == "zh-hant"
