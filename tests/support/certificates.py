"""Certificates of every kind of badness, and lists of what was revoked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from apps.accounts.terms import CardKind
from apps.core import clock
from tests.support.cards import PkiCard

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
HOLDER = ((NameOID.COMMON_NAME, "陳怡君"), (NameOID.TITLE, "D"))
FLAGS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def key_usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{flag: flag in allowed for flag in FLAGS})


SIGNING = key_usage("digital_signature")


@dataclass
class Issuer:
    """A certification authority of a test, root or below one."""

    key: Key
    certificate: x509.Certificate

    @classmethod
    def root(cls, name: str = "測試根憑證", *, path_length: int | None = 1) -> Self:
        key = ec_key()
        return cls(key, _authority(name, key, None, path_length))

    def below(
        self, name: str = "測試中繼", *, path_length: int | None = 0, key: Key | None = None
    ) -> "Issuer":
        key = key or ec_key()
        return Issuer(key, _authority(name, key, self, path_length))

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def leaf(self, number: str, *, key: Key | None = None, **options: Any) -> PkiCard:
        """A card of this issuer; `options` make it bad (see `_leaf`)."""
        key = key or ec_key()
        certificate = _leaf(number, key, self, **options)
        return PkiCard(CardKind.HPC, key, [certificate])

    def revocation_list(
        self,
        serials: Iterable[int] = (),
        *,
        made_at: datetime | None = None,
        due_at: datetime | None = None,
        signed_by: Key | None = None,
        extension: x509.ExtensionType | None = None,
    ) -> bytes:
        made_at = made_at or clock.now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(made_at)
            .next_update(due_at or made_at + DAY)
        )
        if extension is not None:
            builder = builder.add_extension(extension, critical=True)
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial)
            builder = builder.add_revoked_certificate(entry.revocation_date(made_at).build())
        signed = builder.sign(signed_by or self.key, hashes.SHA256())
        return signed.public_bytes(Encoding.DER)


def _authority(
    name: str, key: Key, issuer: Issuer | None, path_length: int | None
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)])
    parent = issuer.certificate.subject if issuer else subject
    signer = issuer.key if issuer else key
    return (
        _builder(subject, parent, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )


def _leaf(
    number: str,
    key: Key,
    issuer: Issuer,
    *,
    starts: timedelta = -DAY,
    ends: timedelta = 365 * DAY,
    usage: x509.KeyUsage | None = SIGNING,
    extended: tuple[ObjectIdentifier, ...] = (CLIENT,),
    extension: x509.ExtensionType | None = None,
    critical: bool = False,
    signed_by: Key | None = None,
    names: Sequence[tuple[ObjectIdentifier, str]] = HOLDER,
    serial: int | None = None,
) -> x509.Certificate:
    parts = [*names, (NameOID.SERIAL_NUMBER, number)]
    subject = x509.Name(
        [
            x509.NameAttribute(oid, text, _ASN1Type.UTF8String, _validate=False)
            for oid, text in parts
        ]
    )
    now = clock.now()
    builder = _builder(
        subject, issuer.certificate.subject, key, starts=now + starts, ends=now + ends
    ).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
    )
    if serial is not None:
        builder._serial_number = serial  # the builder refuses to be told twice
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    if extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(extended), critical=False)
    if extension is not None:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signed_by or issuer.key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> x509.CertificateBuilder:
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts or now - 2 * DAY)
        .not_valid_after(ends or now + 3650 * DAY)
    )
