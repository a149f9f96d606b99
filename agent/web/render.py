"""Pages out of templates, refusals as page or JSON, and the headers that go with both."""

from collections.abc import Callable
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
from agent.web.language import (
    CHINESE,
    ENGLISH,
    HTML_LANG,
    LANGUAGES,
    language_of,
    translations,
)
from agent.web.wording import KIND_NAMES, MUTE_CARD, UNKNOWN_CARD, UNLOCK, WORDINGS
from agent.web.words import Wording

STATIC = Path(__file__).resolve().parent.parent / "static"
TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
CONSOLE_PAGES = ("/", "/settings", "/reader-test", "/diagnosis", "/log")
CARD_REFUSED, REFUSED = "/card/refused", "/refused"
SETTINGS_REFUSED = "/settings?refused=1"
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
            chosen=getattr(request.state, "chosen", ""),
            here=getattr(request.state, "here", request.url.path),
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
        "text": problem.message if _speaks(problem, language) else text,
        "way": _way(problem, wording, translate),
    }


def _speaks(problem: Problem, language: str) -> bool:
    """Whether the server's sentence is to be shown: in another language only for want of our own."""
    known = problem.code in WORDINGS and problem.language in LANGUAGES
    return bool(problem.message) and (not known or problem.language == language)


def _way(problem: Problem, wording: Wording, translate: Callable[[str], str]) -> str:
    """Ours, which knows this computer; for what only the server knows, the server's own."""
    kind = problem.params.get("kind")
    if kind:
        return translate(UNLOCK[CardKind(str(kind))])
    if problem.code not in WORDINGS and problem.way:
        return problem.way
    return translate(wording.way) if wording.way else ""


def refuse(request: Request, problem: Problem) -> Response:
    """A refusal as the caller can use it: JSON for programs, a page with a way on for people."""
    if problem.language in LANGUAGES and not hasattr(request.state, "language"):
        request.state.language = problem.language  # a claim refused says in which it was asked for
    said = explain(problem, language_of(request))
    if request.url.path.startswith(JSON_PATHS):
        body = {"code": said["code"], "message": said["title"], "detail": said["text"]}
        return JSONResponse(body, status_code=problem.status)
    transaction = getattr(request.state, "transaction", None)
    return page(
        request,
        "problem.html",
        status=problem.status,
        said=said,
        claim=transaction.claim if transaction else None,
        retry_url=card_url(request) if problem.retry else None,
        return_url=problem.return_url,
    )


def send_to_refusal(request: Request, problem: Problem) -> Response:
    """A form of our own page was refused: say so on a page of its own.

    A page that answers a POST cannot be opened again, by Back or reload, without the browser asking
    whether to send the form anew. What is said stays in memory; the address names no more than others.
    """
    where = card_url(request, path=CARD_REFUSED)
    if where is not None:
        transaction = getattr(request.state, "transaction", None)
        if transaction is not None:
            transaction.refused = problem
        return leave(where)
    agent_of(request).bench.refused[request.url.path] = problem
    return leave(refusal_url(request.url.path))


def refusal_url(path: str) -> str:
    """Where it is said why the last form that went to `path` was refused."""
    return f"{REFUSED}?{urlencode({'page': path})}"


def card_url(request: Request, *, path: str = "/card", **more: str) -> str | None:
    """The address of the request's transaction, to try again."""
    known = {
        "transaction": getattr(request.state, "transaction_id", ""),
        "server": getattr(request.state, "server_id", ""),
    } | more
    named = {name: value for name, value in known.items() if value}
    return f"{path}?{urlencode(named)}" if "transaction" in named else None


def own_card_url(request: Request) -> str:
    """The page that the request's transaction has now, with the reader that the person chose."""
    url = card_url(request, reader=getattr(request.state, "chosen", ""))
    assert url is not None
    return url


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
