"""Cards whose certificates look otherwise than ours: each logs in through the real agent all the same.

What is in a certificate is the server's to judge (tests/cards/test_certificates.py); the agent shows
what there is to show, and breaks at nothing.
"""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.agent.browser import page_of
from tests.agent.card_folder import PIN, pki_card, write_card
from tests.agent.conftest import Workstation
from tests.agent.pki import Issued, PrivateKey, make_odd_leaf

Names = list[tuple[ObjectIdentifier, str]]
SERIAL: Names = [(NameOID.SERIAL_NUMBER, "A234567893")]
UNIT, COMPANY, NAME = (
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.COMMON_NAME,
)


def p256() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def p384() -> PrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


def rsa_of(bits: int) -> Callable[[], PrivateKey]:
    return lambda: rsa.generate_private_key(public_exponent=65537, key_size=bits)


LONG = "阿美族" * 21 + "・"  # 64 characters, the most that X.520 allows
SUBJECTS: dict[str, tuple[Names, _ASN1Type, str]] = {
    "a long name": ([(NAME, LONG), *SERIAL], _ASN1Type.UTF8String, LONG),
    "far too long a name": ([(NAME, LONG * 5), *SERIAL], _ASN1Type.UTF8String, LONG),
    "rare characters": ([(NAME, "林堃喆𡘙𠝹"), *SERIAL], _ASN1Type.UTF8String, "林堃喆𡘙𠝹"),
    "empty fields in between": (
        [(COMPANY, ""), (UNIT, ""), (NAME, "陳怡君"), (UNIT, ""), *SERIAL],
        _ASN1Type.UTF8String,
        "陳怡君",
    ),
    "units behind the name": (
        [*SERIAL, (NAME, "陳怡君"), (UNIT, "藥劑科"), (UNIT, "甲"), (COMPANY, "衛生福利部")],
        _ASN1Type.UTF8String,
        "陳怡君",
    ),
    "no name": (SERIAL, _ASN1Type.UTF8String, ""),
    "an empty name": ([(NAME, ""), *SERIAL], _ASN1Type.UTF8String, ""),
    "two names": ([(NAME, "陳怡君"), (NAME, "CHEN"), *SERIAL], _ASN1Type.UTF8String, "陳怡君"),
    "sixteen-bit characters": ([(NAME, "陳怡君"), *SERIAL], _ASN1Type.BMPString, "陳怡君"),
    "Latin letters": ([(NAME, "CHEN, I-CHUN"), *SERIAL], _ASN1Type.PrintableString, "I-CHUN"),
    "writing turned round": ([(NAME, "王\u202e明"), *SERIAL], _ASN1Type.UTF8String, "明"),
}
KEYS: dict[str, Callable[[], PrivateKey]] = {
    "RSA 1024": rsa_of(1024),
    "RSA 3072": rsa_of(3072),
    "RSA 4096": rsa_of(4096),
    "P-384": p384,
}


def log_in(workstation: Workstation, ca: Issued, issued: Issued, shown: str) -> None:
    """The fake server checks the signature with the certificate's key."""
    write_card(workstation.cards, "hpc-odd", pki_card(issued, ca, holder="特別的卡"))
    workstation.browser.insert("hpc-odd")
    transaction = workstation.server.start(cards=["HPC"])
    page = workstation.browser.open_card(transaction)
    assert page_of(page) == "card_pin", page.text
    assert shown in page.text
    assert workstation.browser.type_pin(page, PIN).status_code == 303
    order = workstation.server.orders[transaction]
    assert (len(order.results), order.chain[0]) == (1, issued.certificate)
    assert workstation.browser.open("/").status_code == 200  # the console shows the card too


@pytest.mark.filterwarnings("ignore:Attribute.s length must be:UserWarning")
@pytest.mark.parametrize(("names", "string", "shown"), SUBJECTS.values(), ids=SUBJECTS.keys())
def test_no_subject_keeps_a_card_from_signing(
    workstation: Workstation, ca: Issued, names: Names, string: _ASN1Type, shown: str
) -> None:
    log_in(workstation, ca, make_odd_leaf(ca, names, key=p256(), string=string), shown)


@pytest.mark.parametrize("make", KEYS.values(), ids=KEYS.keys())
def test_keys_of_every_size_sign(
    workstation: Workstation, ca: Issued, make: Callable[[], PrivateKey]
) -> None:
    log_in(workstation, ca, make_odd_leaf(ca, [(NAME, "陳怡君"), *SERIAL], key=make()), "陳怡君")


@pytest.mark.parametrize("serial", [1, 0x80, 2**159 - 1], ids=["1", "0x80", "20 bytes"])
def test_serial_numbers_of_every_length_are_carried(
    workstation: Workstation, ca: Issued, serial: int
) -> None:
    issued = make_odd_leaf(ca, [(NAME, "陳怡君"), *SERIAL], key=p256(), serial=serial)
    log_in(workstation, ca, issued, "陳怡君")
