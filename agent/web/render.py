"""Pages out of templates, refusals as page or JSON, and the headers that go with both."""

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from agent import __version__
from agent.cards.kinds import CardKind
from agent.problems import Problem
from agent.servers import ServerListError
from agent.web.context import Agent, agent_of
from agent.web.language import CHINESE, ENGLISH, HTML_LANG, language_of, translations
from agent.web.wording import KIND_NAMES, MUTE_CARD, UNKNOWN_CARD, UNLOCK, WORDINGS
from agent.web.words import Wording

STATIC = Path(__file__).resolve().parent.parent / "static"
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
CONSOLE_PAGES = ("/", "/settings", "/reader-test", "/diagnosis", "/log")
JSON_PATHS = ("/status.json", "/virtual", "/card/wait", "/his/", "/end")


@lru_cache
def environment(language: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # Added by jinja2.ext.i18n, hence unknown to the type checker.
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        kind_names=KIND_NAMES, unknown_card=UNKNOWN_CARD, mute_card=MUTE_CARD, version=__version__
    )
    return made


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page in the person's language."""
    language = language_of(request)
    html = (
        environment(language)
        .get_template(template)
        .render(
            language=language,
            html_lang=HTML_LANG[language],
            other_language=ENGLISH if language == CHINESE else CHINESE,
            transaction_id=getattr(request.state, "transaction_id", ""),
            server_id=getattr(request.state, "server_id", ""),
            here=request.url.path,
            **context,
        )
    )
    return HTMLResponse(html, status_code=status)


def leave(url: str) -> RedirectResponse:
    """303: the browser asks for `url` by GET, whatever brought it here."""
    return RedirectResponse(url, status_code=303)


def explain(problem: Problem, language: str) -> dict[str, str]:
    """Title, text and way on of a problem, in a language."""
    wording = WORDINGS.get(problem.code, WORDINGS["server_refused"])
    translate = translations(language).gettext
    text = translate(wording.text) % problem.params if problem.params else translate(wording.text)
    return {
        "code": problem.code,
        "title": translate(wording.title),
        "text": problem.message or text,
        "way": translate(_way(problem, wording)) if _way(problem, wording) else "",
    }


def _way(problem: Problem, wording: Wording) -> str:
    kind = problem.params.get("kind")
    return UNLOCK[CardKind(str(kind))] if kind else wording.way


def refuse(request: Request, problem: Problem) -> Response:
    """A refusal as the caller can use it: JSON for programs, a page with a way on for people."""
    said = explain(problem, language_of(request))
    if request.url.path.startswith(JSON_PATHS):
        body = {"code": said["code"], "message": said["title"], "detail": said["text"]}
        return JSONResponse(body, status_code=problem.status)
    return page(
        request,
        "problem.html",
        status=problem.status,
        said=said,
        retry_url=card_url(request) if problem.retry else None,
        return_url=problem.return_url,
    )


def card_url(request: Request) -> str | None:
    """The address of the request's transaction, to try again."""
    known = {
        "transaction": getattr(request.state, "transaction_id", ""),
        "server": getattr(request.state, "server_id", ""),
    }
    named = {name: value for name, value in known.items() if value}
    return f"/card?{urlencode(named)}" if "transaction" in named else None


def security_headers(request: Request) -> dict[str, str]:
    """Headers of every answer.

    `same-origin`, not `no-referrer`: under the latter browsers send `Origin: null` with our own
    forms (Fetch standard, "append a request Origin header").
    """
    return {
        "Content-Security-Policy": _policy(agent_of(request)),
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _policy(agent: Agent) -> str:
    """form-action names the servers too: the 303 after our own form is checked against it."""
    try:
        origins = [server.origin for server in agent.servers.all()]
    except ServerListError:
        origins = []
    targets = " ".join(["'self'", *origins])
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        f"connect-src 'self'; form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    )
