"""The agent's calls to a server (docs/reference/card-protocol.md). The server never calls the agent."""

import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from agent import __version__
from agent.claim import Claim, ClaimError, parse_claim
from agent.jws import SigningKey, sign_by_agent
from agent.pinning import tls_context
from agent.problems import Problem
from agent.servers import Server

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
LONGEST_WAY = 300
LARGEST_ANSWER = 64 * 1024
DATE_FAULTS = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
T = TypeVar("T")


class ServerUnreachable(Exception):
    """No answer: no connection, a time-out, or 502 to 504 from what stands before the server."""


class ServerUntrusted(ServerUnreachable):
    """Who answers cannot prove to be the server: certificate or pinned key are not right."""


class ServerDated(ServerUntrusted):
    """Its certificate is not valid on this day, as this computer's clock has it."""


class ServerRefused(Exception):
    """The server answered with a refusal; `message` is in the transaction's language."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        detail: Mapping[str, object] | None = None,
        language: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.language = language
        self.detail = detail or {}

    @property
    def way_on(self) -> str:
        """What the person can do, in the server's words; "" where it sent none."""
        way = self.detail.get("way_on", "")
        return way[:LONGEST_WAY] if isinstance(way, str) and way.isprintable() else ""


class ServerAnswerError(Exception):
    """The server answered something the card protocol does not know."""


@dataclass(frozen=True)
class Accepted:
    """A result was taken: `return_url` is of the server's own origin.

    `fast_for` is how many seconds the server does without the card (fast authentication).
    """

    return_url: str
    fast_for: int = 0


class ServerClient:
    """Calls servers of the list only: whoever calls passes a `Server`, never a URL.

    `pins` says which keys a server may have; `ca_file` names further authorities.
    """

    def __init__(
        self,
        *,
        key: SigningKey,
        demo: bool,
        pins: Callable[[Server], Sequence[str]] = lambda _: (),
        ca_file: Path | None = None,
    ) -> None:
        self._key = key
        self._demo = demo
        self._pins = pins
        self._ca_file = ca_file
        self._clients: dict[tuple[str, ...], httpx.AsyncClient] = {}

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def claim(self, transaction: str, *, server: Server) -> Claim:
        """Raises ServerUnreachable, ServerUntrusted, ServerRefused, ServerAnswerError, as all do."""
        payload = {"transaction": transaction, "origin": server.origin, "step": "claim"}
        body = {
            "agent": sign_by_agent(self._key, payload),
            "version": __version__,
            "demo": self._demo,
        }
        answer = await self._post(server, f"/agent/v1/transactions/{transaction}/claim", body)
        try:
            return parse_claim(answer, transaction=transaction, server=server)
        except ClaimError as error:
            raise ServerAnswerError(str(error)) from error

    async def result(
        self, transaction: str, body: Mapping[str, object], *, server: Server
    ) -> Accepted:
        """Post the result."""
        answer = await self._post(server, f"/agent/v1/transactions/{transaction}/result", body)
        told = answer if isinstance(answer, dict) else {}
        return_url, fast_for = told.get("return_url"), told.get("fast_for", 0)
        if not isinstance(return_url, str) or not server.owns(return_url):
            raise ServerAnswerError("return_url is missing or leads to another origin")
        if isinstance(fast_for, bool) or not isinstance(fast_for, int):
            raise ServerAnswerError("fast_for is no number of seconds")
        return Accepted(return_url, fast_for)

    async def removal(self, transaction: str, *, server: Server) -> None:
        """Tell that the card of this login was pulled."""
        payload = {"transaction": transaction, "origin": server.origin, "step": "removal"}
        await self._post(server, "/agent/v1/removals", {"agent": sign_by_agent(self._key, payload)})

    async def his(
        self, call: str, payload: Mapping[str, object], *, server: Server
    ) -> dict[str, Any]:
        """One call of the HIS interface, signed as a whole (docs/reference/his.md)."""
        signed = {**payload, "origin": server.origin, "step": "his", "call": call}
        body = {
            "agent": sign_by_agent(self._key, signed),
            "version": __version__,
            "demo": self._demo,
        }
        answer = await self._post(server, f"/his/v1/{call}", body)
        if not isinstance(answer, dict):
            raise ServerAnswerError("the answer is not an object")
        return answer

    async def enrol(
        self, *, module_code: str, token: str, server: Server, pins: Sequence[str]
    ) -> dict[str, Any]:
        """Show a security module's token, to the holder of `pins` only; what was enrolled."""
        payload = {
            "origin": server.origin,
            "step": "enrol",
            "module_code": module_code,
            "token": token,
        }
        body = {"agent": sign_by_agent(self._key, payload), "version": __version__}
        answer = await self._post(server, "/agent/v1/enrolments", body, pins=pins)
        if not isinstance(answer, dict):
            raise ServerAnswerError("the answer is not an object")
        return answer

    async def authenticate(self, *, server: Server) -> dict[str, object]:
        """Prove to be a workstation, freshly: over a challenge of the server (section 9)."""
        challenge = await self._post(server, "/agent/v1/challenges", {})
        nonce = challenge.get("challenge") if isinstance(challenge, dict) else None
        if not isinstance(nonce, str):
            raise ServerAnswerError("challenge is missing")
        payload = {"origin": server.origin, "step": "authenticate", "challenge": nonce}
        body = {"agent": sign_by_agent(self._key, payload), "version": __version__}
        answer = await self._post(server, "/agent/v1/authentications", body)
        if not isinstance(answer, dict):
            raise ServerAnswerError("the answer is not an object")
        return answer

    async def fhir_token(self, *, server: Server) -> str:
        """A bearer token for the institution's own programs (docs/reference/fhir.md)."""
        made = await self._post(server, "/fhir/nonce", {})
        nonce = made.get("nonce") if isinstance(made, dict) else None
        payload = {"origin": server.origin, "step": "fhir", "nonce": nonce}
        body = {"agent": sign_by_agent(self._key, payload)}
        answer = await self._post(server, "/fhir/token", body)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise ServerAnswerError("access_token is missing")
        return token

    async def _post(
        self,
        server: Server,
        path: str,
        body: Mapping[str, object],
        *,
        pins: Sequence[str] | None = None,
    ) -> object:
        client = self._client(server, self._pins(server) if pins is None else pins)
        try:
            response = await client.post(server.origin + path, json=body)
        except httpx.HTTPError as error:
            raise _no_answer(error) from error
        if len(response.content) > LARGEST_ANSWER:
            raise ServerAnswerError("the answer is too long")
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.status_code in {httpx.codes.OK, httpx.codes.NO_CONTENT}:
            return answer
        language = response.headers.get("content-language", "").lower()
        raise _refusal(response.status_code, answer, language)

    def _client(self, server: Server, pins: Sequence[str]) -> httpx.AsyncClient:
        """One client for each server and set of pins: a connection is checked when it is made."""
        place = (server.origin, *pins)
        if place not in self._clients:
            # Proxies and CA files from the environment could put somebody between us and the
            # server; a redirect could lead to an origin that is not in the list.
            self._clients[place] = httpx.AsyncClient(
                trust_env=False,
                follow_redirects=False,
                timeout=TIMEOUT,
                verify=tls_context(pins, ca_file=self._ca_file),
            )
        return self._clients[place]


async def calling(call: Callable[[], Awaitable[T]], *, back: str) -> T:
    """A call to the server; what goes wrong with it becomes a Problem that leads `back`."""
    try:
        return await call()
    except ServerDated as error:
        raise Problem("server_date", status=502, return_url=back) from error
    except ServerUntrusted as error:
        raise Problem("server_untrusted", status=502, return_url=back) from error
    except ServerUnreachable as error:
        raise Problem("server_unreachable", status=502, return_url=back) from error
    except ServerAnswerError as error:
        raise Problem("server_answer_invalid", status=502, return_url=back) from error
    except ServerRefused as refused:
        raise Problem(
            refused.code,
            message=refused.message,
            way=refused.way_on,
            language=refused.language,
            return_url=back,
            retry=False,
        ) from refused


def _no_answer(error: httpx.HTTPError) -> ServerUnreachable:
    """Whether TLS refused, or nothing came."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            dated = getattr(cause, "verify_code", 0) in DATE_FAULTS
            return (ServerDated if dated else ServerUntrusted)(str(cause))
        cause = cause.__cause__ or cause.__context__
    return ServerUnreachable(type(error).__name__)


def _said_in_fhir(outcome: Mapping[str, Any]) -> dict[str, object]:
    """Code and sentence of an OperationOutcome, as our other refusals have them."""
    try:
        details = outcome["issue"][0]["details"]
        return {"code": details["coding"][0]["code"], "message": details.get("text", "")}
    except (LookupError, TypeError):
        return {}


def _refusal(status: int, answer: object, language: str) -> Exception:
    """Which exception an answer other than 200 stands for."""
    if isinstance(answer, dict) and answer.get("resourceType") == "OperationOutcome":
        answer = _said_in_fhir(answer)
    if isinstance(answer, dict) and isinstance(answer.get("code"), str) and 400 <= status < 500:
        detail = answer.get("detail")
        return ServerRefused(
            answer["code"],
            str(answer.get("message", "")),
            detail=detail if isinstance(detail, dict) else None,
            language=language,
        )
    if status in {502, 503, 504}:
        return ServerUnreachable(str(status))
    return ServerAnswerError(f"status {status}")
