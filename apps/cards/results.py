"""Believing a PKI card.

Its certificate for its kind, its revocation, its signature over this very transaction.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import Q

from apps.accounts.terms import CardKind
from apps.cards.certificates import (
    CardCertificate,
    CertificateRevoked,
    RevocationUnknown,
    fingerprint,
    load_pem,
    validate,
)
from apps.cards.models import RevocationList, RevokedCertificate, TrustAnchor
from apps.cards.proofs import CardProof, CardProofError
from apps.core import clock


def believe_card(
    token: str | None, *, card_kind: CardKind, expected: Mapping[str, str]
) -> CardCertificate:
    """The validated certificate of the card that signed `token` over `expected`.

    The authority must be one for this kind of card: an HPC authority cannot issue a citizen
    certificate (threat 8).
    """
    if not token or card_kind == CardKind.NHI:
        raise CardProofError(reason="card_proof_missing")
    proof = CardProof.read(token)
    anchors = TrustAnchor.objects.for_kind(card_kind, demo=settings.DEMO)
    trusted = {load_pem(each.certificate): each.needs_list for each in anchors}
    certificate = validate(proof.chain, anchors=trusted, at=clock.now())
    needs_list = {fingerprint(each): needs for each, needs in trusted.items()}
    check_revocation(certificate, needs_list=needs_list[certificate.anchor])
    proof.verify(certificate.public_key, expected=expected)
    return certificate


def check_revocation(certificate: CardCertificate, *, needs_list: bool) -> None:
    """Nothing between the card and its authority is revoked, by lists that are not too old.

    Raises CertificateRevoked, or RevocationUnknown (threat 9: unknown is not "fine").
    """
    now = clock.now()
    issuers = {issuer for issuer, _serial in certificate.path}
    lists = {each.issuer: each for each in RevocationList.objects.filter(issuer__in=issuers)}
    revoked = Q()
    for issuer, serial in certificate.path:
        revoked |= Q(issuer=issuer, serial=serial)
    if RevokedCertificate.objects.filter(revoked).exists():
        raise CertificateRevoked(reason="certificate_revoked")
    for issuer in issuers:
        known = lists.get(issuer)
        if known is None and needs_list:
            raise RevocationUnknown(reason="no_revocation_list")
        if known is not None and not known.is_current(now):
            raise RevocationUnknown(reason="revocation_list_too_old")
