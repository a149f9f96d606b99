"""The server's part of a function: numbers, insurance, register data. Nothing is made up without it."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from agent.his.codes import Code, HisError
from agent.jws import SigningKey
from agent.server import (
    ServerAnswerError,
    ServerClient,
    ServerRefused,
    ServerUnreachable,
    ServerUntrusted,
)
from agent.servers import Server, ServerList, UnknownServer

RANDOM_PREFIX = "ankang-random/1\n"
CHALLENGE_OLD = "HIS-CHALLENGE"
MODULE = ("institution_code", "module_code")
SPARE = 60.0  # seconds before its end in which a challenge is no longer used
# The server's words for what has no number in the manual.
CODES = {
    "HIS-FIELD": Code.FIELD_INVALID,
    "AGENT-PROOF": Code.SAM_REFUSED,
    "NHI-NUMBER": Code.READ_FAILED,
    "NHI-DATA": Code.READ_FAILED,
}


class HisServer:
    """Calls `/his/v1/` of the server that this workstation is enrolled with."""

    def __init__(
        self,
        *,
        client: ServerClient,
        key: SigningKey,
        servers: ServerList,
        ask_soon: Callable[[], None] = lambda: None,
    ) -> None:
        """`ask_soon` is told when the server went or came back, so that the console knows it too."""
        self._client = client
        self._key = key
        self._servers = servers
        self._ask_soon = ask_soon
        self._reached = True
        self._challenge = ""
        self._good_until = 0.0
        self._whose: dict[str, str] = {}

    @property
    def enrolled(self) -> bool:
        return self._enrolled_at() is not None

    async def authenticate(self) -> None:
        """SAM 認證: have a challenge that the server made for this workstation. Raises HisError."""
        server = self._server()
        if time.monotonic() < self._good_until:
            return
        answer = await self._post("challenges", {}, server)
        self._challenge = str(answer.get("challenge", ""))
        self._whose = {name: str(answer.get(name, "")) for name in MODULE}
        self._good_until = time.monotonic() + float(answer.get("expires_in", 0)) - SPARE

    def forget(self) -> None:
        self._challenge, self._good_until = "", 0.0

    async def call(self, name: str, payload: Mapping[str, object]) -> dict[str, Any]:
        """The server's answer. Raises HisError with the manual's code."""
        await self.authenticate()
        try:
            return await self._post(name, {**payload, "challenge": self._challenge}, self._server())
        except _ChallengeOld:
            self.forget()
            await self.authenticate()
            return await self._post(name, {**payload, "challenge": self._challenge}, self._server())

    async def whose(self) -> dict[str, str]:
        """Institution and code of the security module, as the server told. Raises HisError."""
        await self.authenticate()
        return dict(self._whose)

    async def sign_random(self, random: str) -> dict[str, str]:
        """The security module's signature over a random number of the server: 256 hex digits.

        Signature, public key and digest, with whose module it is. Raises HisError.
        """
        whose = await self.whose()
        signed = f"{RANDOM_PREFIX}{self._server().origin}\n{random}".encode()
        key = base64.urlsafe_b64decode(self._key.jwk["x"] + "=")
        whole = self._key.sign(signed) + key + hashlib.sha256(signed).digest()
        return whose | {"signature": whole.hex().upper()}

    def _enrolled_at(self) -> Server | None:
        try:
            server = self._servers.find(None)
        except UnknownServer:
            return None
        return server

    def _server(self) -> Server:
        server = self._enrolled_at()
        if server is None:
            raise HisError(Code.NO_SAM)
        return server

    async def _post(
        self, name: str, payload: Mapping[str, object], server: Server
    ) -> dict[str, Any]:
        try:
            answer = await self._client.his(name, payload, server=server)
        except ServerUntrusted as error:
            raise HisError(Code.SAM_NOT_AUTHENTICATED) from error
        except ServerUnreachable as error:
            self._note(reached=False)
            raise HisError(Code.NETWORK_DOWN) from error
        except ServerAnswerError as error:
            raise HisError(Code.SERVER_FAILED) from error
        except ServerRefused as refused:
            if refused.code == CHALLENGE_OLD:
                raise _ChallengeOld from refused
            raise HisError(
                _code_of(refused.code), told=refused.message, field=_field_of(refused.detail)
            ) from refused
        self._note(reached=True)
        return answer

    def _note(self, *, reached: bool) -> None:
        if reached != self._reached:
            self._reached = reached
            self._ask_soon()


class _ChallengeOld(Exception):
    """The server wants a new challenge: it was restarted, or its clock was set."""


def _code_of(code: str) -> int:
    """`HIS-5001` is 5001; what has no number is a fault between the two programs."""
    number = code.removeprefix("HIS-")
    if number != code and number.isdecimal() and len(number) == 4:
        return int(number)
    return CODES.get(code, Code.SERVER_FAILED)


def _field_of(detail: Mapping[str, object]) -> str:
    """The first field that a refusal names."""
    fields = detail.get("fields")
    return str(next(iter(fields), "")) if isinstance(fields, dict) else ""
