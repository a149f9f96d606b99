"""A server that knows only docs/reference/card-protocol.md, and checks every word of it."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def unpadded(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def split(jws: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Header, payload, signing input and signature of a compact JWS."""
    header, payload, signature = jws.split(".")
    signed = f"{header}.{payload}".encode()
    return json.loads(unpadded(header)), json.loads(unpadded(payload)), signed, unpadded(signature)


def checked_by_agent(jws: str) -> tuple[dict[str, Any], str]:
    """The payload of an agent's JWS and its public key; raises when the signature is wrong."""
    header, payload, signed, signature = split(jws)
    assert header["alg"] == "EdDSA"
    assert header["typ"] == "ankang-agent+jwt"
    assert header["jwk"]["kty"] == "OKP"
    assert header["jwk"]["crv"] == "Ed25519"
    Ed25519PublicKey.from_public_bytes(unpadded(header["jwk"]["x"])).verify(signature, signed)
    return payload, header["jwk"]["x"]


CURVES = {
    ("secp256r1", "ES256"): (32, hashes.SHA256()),
    ("secp384r1", "ES384"): (48, hashes.SHA384()),
}


def checked_by_card(jws: str) -> tuple[dict[str, Any], list[x509.Certificate]]:
    """The payload of a card's JWS and its x5c; raises when the signature is wrong."""
    header, payload, signed, signature = split(jws)
    assert header["typ"] == "ankang-card+jwt"
    chain = [x509.load_der_x509_certificate(base64.b64decode(text)) for text in header["x5c"]]
    key = chain[0].public_key()
    if header["alg"] == "RS256":
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        length, digest = CURVES[key.curve.name, header["alg"]]
        assert len(signature) == 2 * length
        r, s = (int.from_bytes(half, "big") for half in (signature[:length], signature[length:]))
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(digest))
    return payload, chain


@dataclass
class Order:
    """A transaction as the server would keep it."""

    claim: dict[str, Any]
    agent_key: str = ""
    results: list[dict[str, Any]] = field(default_factory=list)
    chain: list[x509.Certificate] = field(default_factory=list)


class FakeServer:
    """`requests` counts all calls; `refusal` and `garbage` replace the next answers."""

    def __init__(self) -> None:
        self.origin = ""
        self.orders: dict[str, Order] = {}
        self.requests = 0
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.module_refusal: tuple[int, dict[str, Any]] | None = None  # of SAM authentication alone
        self.refused_in = ""
        self.result_return_url: str | None = None
        self.demo = True
        self.removals: list[str] = []
        self.removal_refusals = 0
        self.enrolments: list[dict[str, Any]] = []
        self.enrolment_answer: dict[str, Any] = {}
        self.fast_for = 0
        self.modes: dict[str, Any] = {}
        self.workstation: dict[str, Any] = {
            "institution_code": "5931234567",
            "institution_name": "健全藥局",
            "module_code": "000000000001",
            "name": "調劑櫃檯",
            "newest_version": "0.1.0",
        }

    def start(self, *, cards: list[str], reading: bool = False, **changes: Any) -> str:
        """A new transaction; its id."""
        id_ = secrets.token_urlsafe(32)
        claim = {
            "transaction": id_,
            "origin": self.origin,
            "nonce": secrets.token_urlsafe(32),
            "purpose": "read_card" if reading else "login",
            "cards": cards,
            "reading": reading,
            "pin": "none" if reading else "always",
            "title": "讀卡" if reading else "登入",
            "institution": "健全藥局",
            "person": "",
            "language": "zh-hant",
            "enrolled": True,
            "return_url": f"{self.origin}/cards/{id_}/return",
            "expires_in": 287,
        }
        self.orders[id_] = Order(claim | changes)
        return id_

    def app(self) -> Starlette:
        base = "/agent/v1/transactions/{id}"
        return Starlette(
            routes=[
                Route(f"{base}/claim", self._claim, methods=["POST"]),
                Route(f"{base}/result", self._result, methods=["POST"]),
                Route("/agent/v1/removals", self._removal, methods=["POST"]),
                Route("/agent/v1/enrolments", self._enrolment, methods=["POST"]),
                Route("/agent/v1/challenges", self._challenge, methods=["POST"]),
                Route("/agent/v1/authentications", self._authentication, methods=["POST"]),
                Route("/fhir/nonce", self._nonce, methods=["POST"]),
                Route("/fhir/token", self._token, methods=["POST"]),
            ]
        )

    async def _claim(self, request: Request) -> JSONResponse:
        self.requests += 1
        order = self.orders.get(request.path_params["id"])
        if self.refusal:
            told = {"Content-Language": self.refused_in} if self.refused_in else None
            return JSONResponse(self.refusal[1], status_code=self.refusal[0], headers=told)
        if order is None:
            return JSONResponse(
                {"code": "transaction_unknown", "message": "查無此交易", "detail": ""}, 404
            )
        body = await request.json()
        assert set(body) == {"agent", "version", "demo"}
        assert body["version"] == "0.1.0"
        assert body["demo"] is self.demo
        payload, key = checked_by_agent(body["agent"])
        assert payload == {
            "transaction": request.path_params["id"],
            "origin": self.origin,
            "step": "claim",
        }
        assert order.agent_key in {"", key}
        order.agent_key = key
        return JSONResponse(order.claim)

    async def _result(self, request: Request) -> JSONResponse:
        self.requests += 1
        if self.refusal:
            return JSONResponse(self.refusal[1], status_code=self.refusal[0])
        order = self.orders[request.path_params["id"]]
        body = await request.json()
        assert set(body) == {"agent", "card", "reading"}
        self._check_result(order, body)
        order.results.append(body)
        code = f"{order.claim['return_url']}?code={'c' * 43}"
        answer: dict[str, Any] = {"return_url": self.result_return_url or code}
        return JSONResponse(answer | ({"fast_for": self.fast_for} if self.fast_for else {}))

    async def _removal(self, request: Request) -> Response:
        """`removal_refusals` answers of 503 come before the first 204."""
        self.requests += 1
        if self.removal_refusals > 0:
            self.removal_refusals -= 1
            return JSONResponse({}, 503)
        body = await request.json()
        assert set(body) == {"agent"}
        payload, key = checked_by_agent(body["agent"])
        assert set(payload) == {"transaction", "origin", "step"}
        assert (payload["origin"], payload["step"]) == (self.origin, "removal")
        assert self.orders[payload["transaction"]].agent_key == key
        self.removals.append(payload["transaction"])
        return Response(status_code=204)

    async def _enrolment(self, request: Request) -> JSONResponse:
        self.requests += 1
        body = await request.json()
        assert set(body) == {"agent", "version"}
        payload, _ = checked_by_agent(body["agent"])
        assert set(payload) == {"origin", "step", "module_code", "token"}
        assert (payload["origin"], payload["step"]) == (self.origin, "enrol")
        self.enrolments.append(payload)
        if self.refusal:
            return JSONResponse(self.refusal[1], status_code=self.refusal[0])
        return JSONResponse(self.enrolment_answer)

    async def _challenge(self, request: Request) -> JSONResponse:
        assert await request.json() == {}
        return JSONResponse({"challenge": "c" * 22})

    async def _authentication(self, request: Request) -> JSONResponse:
        body = await request.json()
        assert set(body) == {"agent", "version"}
        payload, _ = checked_by_agent(body["agent"])
        expected = {"origin": self.origin, "step": "authenticate", "challenge": "c" * 22}
        assert payload == expected
        refusal = self.refusal or self.module_refusal
        if refusal:
            return JSONResponse(refusal[1], status_code=refusal[0])
        return JSONResponse(self.workstation | {"now": time.time()})

    async def _nonce(self, request: Request) -> JSONResponse:
        return JSONResponse({"nonce": "n" * 22})

    async def _token(self, request: Request) -> JSONResponse:
        payload, _ = checked_by_agent((await request.json())["agent"])
        assert payload == {"origin": self.origin, "step": "fhir", "nonce": "n" * 22}
        if self.refusal:
            return JSONResponse(self.refusal[1], status_code=self.refusal[0])
        return JSONResponse({"access_token": "t.o.k.e.n", "expires_in": 300})

    def _check_result(self, order: Order, body: dict[str, Any]) -> None:
        expected = {
            name: order.claim[name] for name in ("transaction", "origin", "nonce", "purpose")
        }
        by_agent, key = checked_by_agent(body["agent"])
        assert key == order.agent_key
        assert by_agent.pop("step") == "result"
        kind = by_agent["card_kind"]
        modes = ("fast_authentication", "remote_session") if kind == "HPC" else ()
        self.modes = {name: by_agent.pop(name) for name in modes}
        assert kind in (order.claim["cards"] or [""])
        assert by_agent == expected | {"card_kind": kind, "reading_digest": digest(body["reading"])}
        if kind in {"NHI", ""}:
            assert body["card"] is None
            return
        by_card, order.chain = checked_by_card(body["card"])
        assert by_card == by_agent


def digest(reading: dict[str, Any] | None) -> str:
    """`reading_digest`, written out a second time from the protocol page."""
    if reading is None:
        return ""
    text = json.dumps(reading, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
