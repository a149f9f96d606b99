"""Believing a PKI card: its certificate for its kind, its revocation, its signature over this very
transaction.
"""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import CardKind
from apps.cards.certificates import CardCertificate, CertificateRevoked, validate
from apps.cards.models import RevokedCertificate, TrustAnchor
from apps.cards.proofs import CardProof, CardProofError
from apps.core import clock
from apps.core.errors import Denied


class WrongCardKind(Denied):
    code = "CARD-KIND"
    message = _("This kind of card cannot be used here.")


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
    certificate = validate(
        proof.chain, anchors=anchors.values_list("certificate", flat=True), at=clock.now()
    )
    if RevokedCertificate.objects.filter(
        issuer=certificate.issuer, serial=certificate.serial
    ).exists():
        raise CertificateRevoked(reason="certificate_revoked")
    proof.verify(certificate.public_key, expected=expected)
    return certificate
