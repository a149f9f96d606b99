"""The console: what is in the readers, and the virtual tray."""

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from agent import __version__, peers
from agent.lights import lights_of
from agent.problems import Problem
from agent.standing import ModuleStanding
from agent.web import guards
from agent.web.card import READER_NUMBER, TRANSACTION_ID
from agent.web.context import agent_of
from agent.web.forms import read_form
from agent.web.language import COOKIE, LANGUAGES, language_of
from agent.web.render import (
    CARD_REFUSED,
    CONSOLE_PAGES,
    SETTINGS_REFUSED,
    STATIC,
    card_url,
    explain,
    leave,
    page,
    refusal_url,
    refuse,
)
from agent.web.tool_words import LIGHTS
from agent.web.wording import WORDINGS

ICON = STATIC / "icon.svg"


async def show_console(request: Request) -> Response:
    """GET /."""
    guards.refuse_embedding(request)
    agent = agent_of(request)
    tray = agent.tray
    seen = await agent.flow.look()
    inside = {r.index: r.card_file for r in tray.readers()} if tray else {}
    return page(
        request,
        "console.html",
        readers=seen,
        lights=lights_of(seen, agent.standing),
        meanings=LIGHTS,
        fast_minutes=int(agent.standing.fast_left // 60),
        watch=agent.options.read().cswatch,
        restarted="restarted" in request.query_params,
        standings=[
            (origin, each, _said_of(each, request))
            for origin, each in agent.standing.modules().items()
        ],
        inside=inside,
        tray=tray,
        cards=list(tray.folder.cards().values()) if tray else [],
        broken=tray.folder.broken() if tray else [],
        servers=agent.servers.all(),
        enrolled=agent.flow.enrolled,
        modules=agent.modules.all(),
        refused=[
            (name, explain(Problem(code), language_of(request)))
            for name, code in sorted(agent.enrolment.refused.items())
        ],
        stopped=agent.backend.service == "stopped",
        everybody=agent.settings.peers == "machine" or not peers.can_tell(),
        public_key=agent.key.public,
    )


async def show_icon(request: Request) -> Response:
    """GET /favicon.ico: browsers ask for it beside pages that name no icon, as JSON answers."""
    return FileResponse(ICON, media_type="image/svg+xml")


async def show_status(request: Request) -> Response:
    """GET /status.json."""
    guards.require_own_reader(request)
    agent = agent_of(request)
    seen = await agent.flow.look()
    readers = [
        {"index": card.reader.index, "name": card.reader.name, "card": card.label} for card in seen
    ]
    return JSONResponse(
        {
            "version": __version__,
            "enrolled": agent.flow.enrolled,
            "readers": readers,
            "lights": lights_of(seen, agent.standing).as_json(),
            "fast_for": int(agent.standing.fast_left),
        }
    )


async def switch_language(request: Request) -> Response:
    """POST /language: remember the language, and show the same page again."""
    guards.require_own_form(request)
    fields, pin = await read_form(request)
    with pin:
        language = fields.get("language")
    if language not in LANGUAGES:
        raise Problem("request_malformed", status=400, retry=False)
    if TRANSACTION_ID.fullmatch(fields.get("transaction", "")):
        request.state.transaction_id = fields["transaction"]
        request.state.server_id = fields.get("server", "")
    response = leave(_page_again(request, fields))
    response.set_cookie(COOKIE, language, httponly=True, samesite="lax")
    return response


async def show_refusal(request: Request) -> Response:
    """GET /refused?page=…: why the last form of the console that went there was refused."""
    guards.refuse_embedding(request)
    path = request.query_params.get("page", "")
    problem = agent_of(request).bench.refused.get(path)
    if problem is None:
        return leave("/")
    request.state.here = refusal_url(path)
    return refuse(request, problem)


def _page_again(request: Request, fields: dict[str, str]) -> str:
    """The page whose switch was used, if it is one of ours."""
    wanted = fields.get("page", "")
    reader = fields.get("chosen", "")
    if not READER_NUMBER.fullmatch(reader):
        reader = ""
    if wanted == CARD_REFUSED:
        return card_url(request, path=CARD_REFUSED) or "/"
    refused = [refusal_url(path) for path in agent_of(request).bench.refused]
    ours = wanted if wanted in (*CONSOLE_PAGES, "/closed", SETTINGS_REFUSED, *refused) else "/"
    return card_url(request, reader=reader) or ours


def _said_of(standing: ModuleStanding, request: Request) -> dict[str, str] | None:
    """Why a server does not take this workstation: in our words, which are in the reader's language, else
    in its own sentence.
    """
    if standing.ok:
        return None
    message = "" if standing.code in WORDINGS else standing.message
    return explain(Problem(standing.code, message=message), language_of(request))
