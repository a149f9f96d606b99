"""The demo's certification authorities, one per kind of PKI card, kept in the var folder.

They are trusted in demo mode only (TrustAnchor.demo), and virtual cards refuse a server that is not
in demo mode.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from apps.accounts.terms import CardKind
from apps.core import clock

TEN_YEARS = timedelta(days=3650)
LIST_LIFETIME = timedelta(days=365)
NAMES = {
    CardKind.HPC: "安康示範醫事人員憑證管理中心",
    CardKind.CITIZEN: "安康示範自然人憑證管理中心",
    CardKind.INSTITUTION: "安康示範醫事機構憑證管理中心",
    CardKind.GOVERNMENT: "安康示範政府單位憑證管理中心",
}
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()


def load_authority(folder: Path, card_kind: CardKind) -> Authority:
    """The demo authority for a kind of card; made on first use."""
    file = folder / f"{card_kind.lower()}.pem"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = make_authority(NAMES[card_kind])
        file.touch(mode=0o600)
        file.write_text(key_pem(made.key) + made.pem)
    content = file.read_bytes()
    key = load_pem_private_key(content, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(x509.load_pem_x509_certificate(content), key)


def issue_certificate(
    authority: Authority,
    *,
    holder: str,
    national_id: str,
    profession: str,
    key: PrivateKey,
    lifetime: timedelta = TEN_YEARS,
    starts_in: timedelta = timedelta(),
) -> x509.Certificate:
    """A card certificate.

    CN is the holder, serialNumber the national ID (of an institution its code), title the
    profession code.
    """
    subject = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
        x509.NameAttribute(NameOID.COMMON_NAME, holder),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, national_id),
    ]
    if profession:
        subject.append(x509.NameAttribute(NameOID.TITLE, profession))
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH]
    starts_at = clock.now() + starts_in
    return (
        _builder(x509.Name(subject), authority.certificate.subject, starts_at, lifetime)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )


def sign_list(authority: Authority, *, revoked: Iterable[int] = ()) -> bytes:
    """The authority's revocation list (DER) with these serial numbers, good for a year.

    A demo that is left running must not lock itself out.
    """
    now = clock.now()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + LIST_LIFETIME)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


def key_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def make_authority(name: str) -> Authority:
    """A new authority with a P-256 key, valid for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TW"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
        ]
    )
    certificate = (
        _builder(subject, subject, clock.now())
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, start: datetime, lifetime: timedelta = TEN_YEARS
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lifetime)
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    flags = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**flags | allowed)
