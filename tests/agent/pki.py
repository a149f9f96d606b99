"""A small CA of the tests' own: what a card issuer does, without any of the platform's code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID, ObjectIdentifier

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: PrivateKey

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def new_key(*, curve: bool) -> PrivateKey:
    if curve:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_ca() -> Issued:
    return _issue(_name("測試醫事憑證管理中心"), new_key(curve=True), issuer=None)


def make_leaf(ca: Issued, *, holder: str, serial_number: str, curve: bool = False) -> Issued:
    return _issue(_name(holder, serial_number), new_key(curve=curve), issuer=ca)


def make_odd_leaf(
    ca: Issued,
    names: Sequence[tuple[ObjectIdentifier, str]],
    *,
    key: PrivateKey,
    string: _ASN1Type = _ASN1Type.UTF8String,
    serial: int | None = None,
) -> Issued:
    """A certificate with whatever stands in other people's: nothing about the names is checked."""
    subject = x509.Name(
        [x509.NameAttribute(oid, text, string, _validate=False) for oid, text in names]
    )
    return _issue(subject, key, issuer=ca, serial=serial)


def issue_by_stranger(holder: str) -> Issued:
    """A certificate by an issuer that no rule of the agent names."""
    other = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"),
            x509.NameAttribute(NameOID.COMMON_NAME, holder),
        ]
    )
    ca = _issue(other, new_key(curve=True), issuer=None)
    return _issue(other, new_key(curve=True), issuer=ca)


def _name(common_name: str, serial_number: str = "") -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "行政院衛生福利部"),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if serial_number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name(parts)


def _issue(
    subject: x509.Name, key: PrivateKey, issuer: Issued | None, serial: int | None = None
) -> Issued:
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_BEFORE + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign((issuer.key if issuer else key), hashes.SHA256())
    )
    return Issued(certificate, key)
