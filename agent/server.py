"""The agent's two calls to a server: claim and result. The server never calls the agent."""

from collections.abc import Mapping

import httpx

from agent import __version__
from agent.claim import Claim, ClaimError, parse_claim
from agent.jws import SigningKey, sign_by_agent
from agent.servers import Server

TIMEOUT = httpx.Timeout(10.0, connect=3.0)
LARGEST_ANSWER = 64 * 1024


class ServerUnreachable(Exception):
    """No answer: no connection, a time-out, or 502 to 504 from what stands before the server."""


class ServerRefused(Exception):
    """The server answered with a refusal; `message` is in the transaction's language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class ServerAnswerError(Exception):
    """The server answered something the card protocol does not know."""


class ServerClient:
    """Calls servers of the list only: whoever calls passes a `Server`, never a URL."""

    def __init__(self, *, key: SigningKey, demo: bool) -> None:
        self._key = key
        self._demo = demo
        # Proxies and CA files from the environment could put somebody between us and the server;
        # a redirect could lead to an origin that is not in the list.
        self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT)

    async def close(self) -> None:
        await self._http.aclose()

    async def claim(self, transaction: str, *, server: Server) -> Claim:
        """Raises ServerUnreachable, ServerRefused, ServerAnswerError."""
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

    async def result(self, transaction: str, body: Mapping[str, object], *, server: Server) -> str:
        """Post the result; the URL to send the browser to, of the same origin.

        Raises ServerUnreachable, ServerRefused, ServerAnswerError.
        """
        answer = await self._post(server, f"/agent/v1/transactions/{transaction}/result", body)
        return_url = answer.get("return_url") if isinstance(answer, dict) else None
        if not isinstance(return_url, str) or not server.owns(return_url):
            raise ServerAnswerError("return_url is missing or leads to another origin")
        return return_url

    async def _post(self, server: Server, path: str, body: Mapping[str, object]) -> object:
        try:
            response = await self._http.post(server.origin + path, json=body)
        except httpx.HTTPError as error:
            raise ServerUnreachable(type(error).__name__) from error
        if len(response.content) > LARGEST_ANSWER:
            raise ServerAnswerError("the answer is too long")
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.status_code == httpx.codes.OK:
            return answer
        raise _refusal(response.status_code, answer)


def _refusal(status: int, answer: object) -> Exception:
    """Which exception an answer other than 200 stands for."""
    if isinstance(answer, dict) and isinstance(answer.get("code"), str) and 400 <= status < 500:
        return ServerRefused(answer["code"], str(answer.get("message", "")))
    if status in {502, 503, 504}:
        return ServerUnreachable(str(status))
    return ServerAnswerError(f"status {status}")
