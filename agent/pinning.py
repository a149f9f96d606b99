"""TLS towards a server whose key is known beforehand.

The pin is checked besides the certificate chain, inside the handshake: before the first byte of a
request is sent. So a proxy that reads along with a certificate of the company's own CA is refused
(threat 23 of shared/reference/security.md).
"""

import base64
import hashlib
import ssl
from collections.abc import Sequence
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class PinMismatch(ssl.SSLCertVerificationError):
    """The server's key is none of the pinned ones."""


def pin_of(certificate: x509.Certificate) -> str:
    """`sha256/` and the base64 of SHA-256 over SubjectPublicKeyInfo, as RFC 7469 writes pins."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "sha256/" + base64.b64encode(hashlib.sha256(key).digest()).decode("ascii")


def tls_context(pins: Sequence[str], *, ca_file: Path | None = None) -> ssl.SSLContext:
    """A client context that also checks `pins`, when there are any.

    `ca_file` holds further authorities in PEM, for a server of a closed network.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    if pins:
        context.sslobject_class = _pinned(frozenset(pins))
    return context


def _pinned(pins: frozenset[str]) -> type[ssl.SSLObject]:
    class PinnedObject(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            der = self.getpeercert(binary_form=True)
            if der is None or pin_of(x509.load_der_x509_certificate(der)) not in pins:
                raise PinMismatch("the server's key is not the pinned one")

    return PinnedObject
