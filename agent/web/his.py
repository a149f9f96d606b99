"""`POST /his/<apiName>`: the functions of the control software for HIS programs on this computer."""

import base64
import json
import secrets
import signal
from collections.abc import Mapping

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent.his.answers import Answer
from agent.his.codes import HisError, meaning, word
from agent.his.fields import Text
from agent.his.functions import Function, find_function, suggest
from agent.his.openapi import describe
from agent.problems import Problem
from agent.web import guards
from agent.web.context import agent_of
from agent.web.language import CHINESE, ENGLISH, translations

LARGEST_BODY = 64 * 1024


async def call_function(request: Request) -> Response:
    """POST /his/<apiName> with JSON parameters; 200 with the return code, whatever it is."""
    request.state.language = _language(request)
    _require_program(request)
    function = find_function(request.path_params["name"])
    if function is None:
        raise unknown_function(request.path_params["name"])
    body = await _body(request)
    try:
        answer = await agent_of(request).his.run(function, body)
    except HisError as error:
        return JSONResponse(_refused(request, function, error))
    return JSONResponse(_answered(request, function, answer))


async def show_openapi(request: Request) -> Response:
    """GET /his/openapi.json: no token, there is nothing of anybody in it."""
    guards.require_own_reader(request)
    return JSONResponse(describe(agent_of(request).settings.origin))


async def end_agent(request: Request) -> Response:
    """POST /end: as the service manager would, once this answer is out (killcsTask of the manual)."""
    _require_program(request)
    return JSONResponse({"ended": True}, background=BackgroundTask(_end))


def unknown_function(name: str) -> Problem:
    """With the name that may be meant: in another case, or short of a letter, as manual 4 prints 1.53
    once.
    """
    meant = suggest(name)
    if not meant:
        return Problem("his_function_unknown", status=404, retry=False)
    return Problem("his_function_misspelt", status=404, retry=False, meant=meant)


def _end() -> None:
    signal.raise_signal(signal.SIGTERM)


def _require_program(request: Request) -> None:
    """A program of this user, no page of a browser: no Origin at all, and the local token."""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        raise Problem("his_no_program", status=403, retry=False)
    if "content-type" in request.headers or request.headers.get("content-length", "0") != "0":
        guards.require_own_json(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    own = agent_of(request).his_token
    if scheme.lower() != "bearer" or not secrets.compare_digest(token.encode(), own.encode()):
        raise Problem("his_token_wrong", status=401, retry=False)


async def _body(request: Request) -> dict[str, object]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise Problem("his_body_malformed", status=413, retry=False)
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Problem("his_body_malformed", status=400, retry=False)
    return body


def _answered(request: Request, function: Function, answer: Answer) -> Mapping[str, object]:
    told = _head(request, function, answer.code)
    if function.status:
        told |= {"word": "status", "message": ""}
    if answer.buffer is not None:
        told |= {
            "buffer": base64.b64encode(answer.buffer).decode("ascii"),
            "length": len(answer.buffer),
            "iBufferLen": len(answer.buffer),
            "pBuffer": Text("pBuffer", len(answer.buffer)).unpack(answer.buffer),
        }
    return told | {"fields": answer.fields}


def _refused(request: Request, function: Function, error: HisError) -> Mapping[str, object]:
    detail = {"field": error.field} if error.field else {}
    told = _head(request, function, error.code)
    return told | {"message": told["message"] or error.told, "detail": detail}


def _head(request: Request, function: Function, code: int) -> dict[str, object]:
    said = meaning(code)
    return {
        "api": function.number,
        "name": function.name,
        "code": int(code),
        "word": word(code),
        "message": translations(_language(request)).gettext(said) if said else "",
    }


def _language(request: Request) -> str:
    wanted = request.headers.get("accept-language", "").lower()
    return ENGLISH if wanted.startswith("en") else CHINESE
