"""The console: what is in the readers, and the virtual tray."""

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from agent import __version__, peers
from agent.lights import lights_of
from agent.problems import Problem
from agent.standing import ModuleStanding
from agent.web import guards
from agent.web.card import TRANSACTION_ID
from agent.web.context import agent_of
from agent.web.forms import read_form
from agent.web.language import COOKIE, LANGUAGES, language_of
from agent.web.render import CONSOLE_PAGES, STATIC, card_url, explain, leave, page
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
    page_of_ours = fields.get("page") if fields.get("page") in CONSOLE_PAGES else "/"
    response = leave(card_url(request) or str(page_of_ours))
    response.set_cookie(COOKIE, language, httponly=True, samesite="lax")
    return response


def _said_of(standing: ModuleStanding, request: Request) -> dict[str, str] | None:
    """Why a server does not take this workstation: in our words, which are in the reader's language, else
    in its own sentence.
    """
    if standing.ok:
        return None
    message = "" if standing.code in WORDINGS else standing.message
    return explain(Problem(standing.code, message=message), language_of(request))
