"""Reading a revocation list (RFC 5280 section 5): is it this issuer's, genuine, whole, and in date?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refusal

CLOCKS_DIFFER = timedelta(minutes=5)


class ListRefused(Refusal):
    """The list is not taken; the one that we have goes on counting until it is too old."""

    code = "CRL-REFUSED"
    message = _("The revocation list was not accepted.")


@dataclass(frozen=True)
class CheckedList:
    """A list that may be published. `entries` are serial number (hex) and moment of revocation."""

    made_at: datetime
    due_at: datetime
    size: int
    _list: x509.CertificateRevocationList

    def entries(self) -> Iterator[tuple[str, datetime]]:
        for each in self._list:
            yield f"{each.serial_number:x}", each.revocation_date_utc


def check_list(
    body: bytes, *, issuer: x509.Certificate, newer_than: datetime | None, at: datetime
) -> CheckedList:
    """The list in `body` (DER or PEM); raises ListRefused with what is wrong as its reason."""
    found = _parse(body)
    if found.issuer != issuer.subject:
        raise ListRefused(reason="list_of_another_issuer")
    if not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise ListRefused(reason="list_signature_invalid")
    if not _is_whole(found):
        raise ListRefused(reason="list_is_partial")
    made_at, due_at = found.last_update_utc, found.next_update_utc
    if due_at is None or due_at <= at:
        raise ListRefused(reason="list_out_of_date")
    if made_at > at + CLOCKS_DIFFER:
        raise ListRefused(reason="list_of_the_future")
    if newer_than is not None and made_at < newer_than:
        raise ListRefused(reason="list_older_than_the_last")  # a replay would un-revoke cards
    return CheckedList(made_at, due_at, len(found), found)


def _parse(body: bytes) -> x509.CertificateRevocationList:
    try:
        if body.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_crl(body)
        return x509.load_der_x509_crl(body)
    except ValueError as error:
        raise ListRefused(reason="list_unreadable") from error


def _is_whole(found: x509.CertificateRevocationList) -> bool:
    """A delta, or a list for authorities or for some reasons only, does not say who is not revoked."""
    for extension in found.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            return False
        if isinstance(value, x509.IssuingDistributionPoint) and (
            value.only_contains_ca_certs
            or value.only_contains_attribute_certs
            or value.only_some_reasons
            or value.indirect_crl
        ):
            return False
        if extension.critical and isinstance(value, x509.UnrecognizedExtension):
            return False
    return True
