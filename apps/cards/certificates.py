"""Card certificates: the chain to a trusted authority, validity, key usage, and what the subject says.

Checked as reference/cards.md section 6 measured: `x509.verification` accepts a leaf without
digitalSignature, so that is checked by hand; card certificates may lack a subject alternative name.
Revocation is the caller's (services), because it asks the database.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from django.utils.translation import gettext_lazy as _

from apps.access.terms import Profession
from apps.core.errors import Denied

LONGEST_CHAIN = 5
SHORTEST_RSA = 2048  # bits


class CertificateRefused(Denied):
    code = "CARD-CERT"
    message = _("The certificate on this card is not accepted.")
    way_on = _("Please use another card, or contact the authority that issued this one.")


class CertificateExpired(CertificateRefused):
    code = "CARD-CERT-EXPIRED"
    message = _("The certificate on this card has expired.")


class CertificateNotYetValid(CertificateRefused):
    code = "CARD-CERT-EARLY"
    message = _("The certificate on this card is not valid yet.")


class CertificateUntrusted(CertificateRefused):
    code = "CARD-CERT-ISSUER"
    message = _("This card was not issued by an authority that is accepted for its kind.")


class CertificateRevoked(CertificateRefused):
    code = "CARD-CERT-REVOKED"
    message = _("The certificate on this card has been revoked.")


class RevocationUnknown(CertificateRefused):
    code = "CARD-CRL-STALE"
    message = _("Whether this card has been revoked cannot be checked at the moment.")
    way_on = _("The card itself may be fine. Please try again later, or call the help desk.")


@dataclass(frozen=True)
class CardCertificate:
    """What a validated certificate says of its card and holder.

    `issuer` is the SHA-256 of the issuer's name in hex, `serial` the certificate's number in hex:
    both together name one certificate. `subject_number` is what the subject's serialNumber holds,
    unchecked: a national ID, or on an institution's card its code. `path` are the issuers and
    numbers of everything below the authority, itself included, and `anchor` is the
    fingerprint of the authority.
    """

    issuer: str
    serial: str
    holder: str
    subject_number: str
    profession: str
    not_before: datetime
    not_after: datetime
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    path: tuple[tuple[str, str], ...]
    anchor: str


def load_chain(x5c: Sequence[bytes]) -> list[x509.Certificate]:
    """The certificates of a JWS's `x5c`, leaf first; CertificateRefused when they cannot be read."""
    if not 1 <= len(x5c) <= LONGEST_CHAIN:
        raise CertificateRefused(reason="certificate_chain_length")
    try:
        return [x509.load_der_x509_certificate(der) for der in x5c]
    except ValueError as error:
        raise CertificateRefused(reason="certificate_unreadable") from error


def validate(
    chain: Sequence[x509.Certificate], *, anchors: Iterable[x509.Certificate], at: datetime
) -> CardCertificate:
    """The facts of the leaf of `chain`, when it leads to one of `anchors` and may sign at this moment."""
    try:
        return _validate(chain, anchors, at)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        # Names, keys and extensions are only taken apart when they are asked for.
        raise CertificateRefused(reason="certificate_malformed") from error


def _validate(
    chain: Sequence[x509.Certificate], anchors: Iterable[x509.Certificate], at: datetime
) -> CardCertificate:
    leaf = chain[0]
    _check_period(leaf, at)
    *path, anchor = _find_path(chain, anchors, at)
    _check_usage(leaf)
    public_key = _strong_key(leaf)
    return CardCertificate(
        issuer=digest_name(leaf.issuer),
        serial=f"{leaf.serial_number:x}",
        holder=_subject(leaf, NameOID.COMMON_NAME),
        subject_number=_subject(leaf, NameOID.SERIAL_NUMBER),
        profession=_profession(leaf),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        public_key=public_key,
        path=tuple((digest_name(each.issuer), f"{each.serial_number:x}") for each in path),
        anchor=fingerprint(anchor),
    )


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def load_pem(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def digest_name(name: x509.Name) -> str:
    """How tables name an issuer: SHA-256 of its name's DER, in hex."""
    return hashlib.sha256(name.public_bytes()).hexdigest()


def _check_period(leaf: x509.Certificate, at: datetime) -> None:
    """Told apart from the path, because people can do something about a date."""
    if at > leaf.not_valid_after_utc:
        raise CertificateExpired(reason="certificate_expired")
    if at < leaf.not_valid_before_utc:
        raise CertificateNotYetValid(reason="certificate_not_yet_valid")


def _find_path(
    chain: Sequence[x509.Certificate], anchors: Iterable[x509.Certificate], at: datetime
) -> list[x509.Certificate]:
    """From the leaf to a trusted authority."""
    trusted = list(anchors)
    if not trusted:
        raise CertificateUntrusted(reason="certificate_issuer_unknown")
    # Taiwan's card certificates need not carry a subject alternative name; their subject names the
    # holder.
    holder_rules = ExtensionPolicy.webpki_defaults_ee().may_be_present(
        x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
    )
    verifier = (
        PolicyBuilder()
        .store(Store(trusted))
        .time(at)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=holder_rules)
        .build_client_verifier()
    )
    try:
        return verifier.verify(chain[0], list(chain[1:])).chain
    except (VerificationError, UnsupportedAlgorithm) as error:
        raise CertificateUntrusted(reason="certificate_path_invalid") from error


def _check_usage(leaf: x509.Certificate) -> None:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is None or not usage.digital_signature:
        raise CertificateRefused(reason="certificate_not_for_signing")


def _strong_key(certificate: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    """The verifier of `cryptography` 50 refuses weak keys of issuers, but not of the leaf."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < SHORTEST_RSA:
        raise CertificateRefused(reason="certificate_key_weak")
    return key


def _subject(leaf: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """The first value of its kind; "" when there is none that can be read and shown."""
    found = leaf.subject.get_attributes_for_oid(oid)
    value = found[0].value if found else ""
    return value.strip() if isinstance(value, str) and value.isprintable() else ""


def _profession(leaf: x509.Certificate) -> str:
    """The code of the profession; a title in words, as other authorities write it, names none."""
    title = _subject(leaf, NameOID.TITLE)
    return title if title in Profession.values else ""
