"""An agent and its cards, as small as the protocol allows (docs/reference/card-protocol.md).

Not the product's agent: what the server accepts is tested against the page that others implement.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.test import Client

from apps.accounts.terms import CardKind
from apps.cards.models import CardTransaction, TrustAnchor
from apps.institutions.models import Institution
from apps.portal.demo.pki import Authority, issue_certificate, make_authority
from apps.workstations.models import Workstation
from tests.support.world import make_workstation

NHI_CARD = {
    "card_number": "000012345678",
    "name": "王大明",
    "national_id": "C121103509",
    "birth_date": "1968-02-29",
    "sex": "M",
    "issued_on": "2019-08-03",
    "cancelled": False,
    "emergency_phone": "",
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def reading_digest(reading: dict[str, Any] | None) -> str:
    if reading is None:
        return ""
    text = json.dumps(reading, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return b64(hashlib.sha256(text.encode()).digest())


_EC = {"secp256r1": "ES256", "secp384r1": "ES384"}


@dataclass
class PkiCard:
    """A card with a certificate; by default an EC key, because RSA keys take time to make."""

    kind: CardKind
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    chain: list[x509.Certificate]

    def sign(self, payload: dict[str, Any], **header: Any) -> str:
        algorithm = "RS256" if isinstance(self.key, rsa.RSAPrivateKey) else _EC[self.key.curve.name]
        x5c = [base64.b64encode(c.public_bytes(Encoding.DER)).decode() for c in self.chain]
        headers = {"typ": "ankang-card+jwt", "x5c": x5c} | header
        return jwt.encode(payload, self.key, algorithm=algorithm, headers=headers)


def trust(card_kind: CardKind, *, demo: bool = True) -> Authority:
    """A new authority that the server trusts for this kind of card."""
    authority = make_authority(f"測試{card_kind}")
    TrustAnchor.objects.create(
        card_kind=card_kind,
        name=f"測試{card_kind}",
        certificate=authority.pem,
        demo=demo,
        needs_list=False,
    )
    return authority


def issue(
    authority: Authority,
    national_id: str,
    *,
    kind: CardKind = CardKind.HPC,
    holder: str = "陳怡君",
    profession: str = "D",
    days: int = 3650,
    starts_in: timedelta = timedelta(),
) -> PkiCard:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = issue_certificate(
        authority,
        holder=holder,
        national_id=national_id,
        profession=profession,
        key=key,
        lifetime=timedelta(days=days),
        starts_in=starts_in,
    )
    return PkiCard(kind, key, [certificate])


@dataclass
class FakeAgent:
    """Signs and posts what an agent would.

    `client` is a connection of its own, without the browser's cookies.
    """

    key: ed25519.Ed25519PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    client: Client = field(default_factory=Client)
    version: str = "0.1.0"

    @property
    def public_key(self) -> str:
        return b64(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def enrol(self, institution: Institution) -> Workstation:
        return make_workstation(institution, public_key=self.public_key)

    def sign(self, payload: dict[str, Any], **header: Any) -> str:
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": self.public_key}
        headers = {"typ": "ankang-agent+jwt", "jwk": jwk} | header
        return jwt.encode(payload, self.key, algorithm="EdDSA", headers=headers)

    def post(self, transaction: str, step: str, body: dict[str, Any]) -> Any:
        url = f"/agent/v1/transactions/{transaction}/{step}"
        return self.client.post(url, body, content_type="application/json")

    def claim(self, transaction: str, /, **changes: Any) -> Any:
        """The server's answer to a claim; `changes` alter the signed payload."""
        payload = {"transaction": transaction, "origin": settings.ORIGIN, "step": "claim"}
        body = {"agent": self.sign(payload | changes), "version": self.version, "demo": True}
        return self.post(transaction, "claim", body)

    def result(
        self,
        job: dict[str, Any],
        *,
        card: PkiCard | None = None,
        reading: dict[str, Any] | None = None,
        agent_changes: dict[str, Any] | None = None,
        card_changes: dict[str, Any] | None = None,
    ) -> Any:
        """The server's answer to a result for a claimed job; `…_changes` alter the signed payloads."""
        kind = card.kind if card else "" if job["purpose"] == "check" else "NHI"
        payload = {
            "transaction": job["transaction"],
            "origin": job["origin"],
            "nonce": job["nonce"],
            "purpose": job["purpose"],
            "card_kind": kind,
            "reading_digest": reading_digest(reading),
        }
        body = {
            "agent": self.sign(payload | {"step": "result"} | (agent_changes or {})),
            "card": card.sign(payload | (card_changes or {})) if card else None,
            "reading": reading,
        }
        return self.post(job["transaction"], "result", body)

    def remove(self, transaction: str, /, **changes: Any) -> Any:
        """The server's answer to the news that the card of this login was pulled."""
        payload = {"transaction": transaction, "origin": settings.ORIGIN, "step": "removal"}
        body = {"agent": self.sign(payload | changes)}
        return self.client.post("/agent/v1/removals", body, content_type="application/json")

    def challenge(self) -> str:
        answer = self.client.post("/agent/v1/challenges", {}, content_type="application/json")
        return str(answer.json()["challenge"])

    def authenticate(self, /, **changes: Any) -> Any:
        """The server's answer to a SAM authentication."""
        payload = {"origin": settings.ORIGIN, "step": "authenticate"}
        if "challenge" not in changes:
            payload["challenge"] = self.challenge()
        body = {"agent": self.sign(payload | changes), "version": self.version}
        return self.client.post("/agent/v1/authentications", body, content_type="application/json")

    def enrol_by(self, module: dict[str, Any], /, **changes: Any) -> Any:
        """The server's answer to a security module (the content of its file)."""
        payload = {
            "origin": module["origin"],
            "step": "enrol",
            "module_code": module["module_code"],
            "token": module["token"],
        }
        body = {"agent": self.sign(payload | changes), "version": "0.1.0"}
        return self.client.post("/agent/v1/enrolments", body, content_type="application/json")


def transaction_of(response: Any) -> str:
    """The id in a redirect to the agent."""
    assert response.status_code == 303, response.content
    target = urlsplit(response["Location"])
    assert f"{target.scheme}://{target.netloc}" == settings.AGENT_ORIGIN
    return parse_qs(target.query)["transaction"][0]


def path_of(url: str) -> str:
    """A return URL as a path for the test client."""
    assert url.startswith(settings.ORIGIN + "/")
    return url.removeprefix(settings.ORIGIN)


def log_in(browser: Client, agent: FakeAgent, card: PkiCard) -> Any:
    """The whole login; the last answer of the server."""
    return show(browser, agent, start_log_in(browser, card.kind), card=card)


def start_log_in(browser: Client, card_kind: str, reader_kind: str = "") -> str:
    """The transaction of a login that waits for its card."""
    return transaction_of(
        browser.post("/log-in/", {"card_kind": card_kind, "reader_kind": reader_kind})
    )


def show(browser: Client, agent: FakeAgent, transaction: str, **shown: Any) -> Any:
    """A card (or a reading) at the agent, and the browser's way back; the server's answer to that."""
    job = agent.claim(transaction).json()
    done = agent.result(job, **shown)
    assert done.status_code == 200, done.json()
    return browser.get(path_of(done.json()["return_url"]))


def refusal_code(answer: Any) -> str:
    """The code of a page or of a JSON answer that says no."""
    if answer["Content-Type"].startswith("application/json"):
        return str(answer.json()["code"])
    found = re.search(rb'data-code="([^"]+)"', answer.content)
    return found.group(1).decode() if found else ""


def latest() -> CardTransaction:
    return CardTransaction.objects.latest("created_at")
