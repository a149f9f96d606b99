"""A server that knows only docs/reference/his.md."""

import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.agent.fake_server import checked_by_agent

REGISTER = {
    "insurer": "01",
    "identity_mark": "3",
    "valid_until": "1201231",
    "visits_left": 6,
    "newborn_birth_date": "       ",
    "newborn_mark": "",
    "last_year": "115",
    "last_sequence": "0007",
    "password_set": False,
}
VISIT = {
    "visited_at": "1151124093000",
    "sequence": "0008",
    "institution_code": "5901012345",
    "signature": "S" * 256,
    "module_code": "123456789012",
    "same_day": "N",
    "identifier": "1151124ABCDEFGHIJKL7",
}


class FakeHisServer:
    """`answers` by the last part of the address; `refusals`, with `detail`, come before them, one for each
    call.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._challenges: set[str] = set()
        self.forget()

    def forget(self) -> None:
        """As at its start, but for the challenges that agents may still hold."""
        self.answers: dict[str, dict[str, Any]] = {
            "readings": {},
            "registers": REGISTER,
            "visits": VISIT,
            "insurance-checks": {},
            "visit-identifiers": {"identifier": VISIT["identifier"]},
            "visits-taken-back": {"visited_at": VISIT["visited_at"], "sequence": "0008"},
            "random-numbers": {
                "random": "0001ABCDEFGHIJKLMNOP",
                "expires_at": "2026-11-24T20:00:00",
            },
            "treatments": {"doctor_id": "A234567893", "revision": 1},
            "prescriptions": {"signatures": ["M" * 39 + "1", "M" * 39 + "2"]},
        }
        self.refusals: list[tuple[int, str]] = []
        self.detail: dict[str, Any] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def routes(self) -> list[Route]:
        return [Route("/his/v1/{call}", self._answer, methods=["POST"])]

    def app(self) -> Starlette:
        return Starlette(routes=self.routes())

    async def _answer(self, request: Request) -> JSONResponse:
        call, body = request.path_params["call"], await request.json()
        assert set(body) == {"agent", "version", "demo"}
        payload, _ = checked_by_agent(body["agent"])
        assert (payload.pop("origin"), payload.pop("step")) == (self.origin, "his")
        assert payload.pop("call") == call
        self.calls.append((call, payload))
        if self.refusals:
            status, code = self.refusals.pop(0)
            return JSONResponse({"code": code, "message": "不行", "detail": self.detail}, status)
        if call == "challenges":
            challenge = secrets.token_urlsafe(20)
            self._challenges.add(challenge)
            codes = {"institution_code": "5901012345", "module_code": "123456789012"}
            return JSONResponse({"challenge": challenge, "expires_in": 600} | codes)
        assert payload["challenge"] in self._challenges
        return JSONResponse(self.answers[call])
