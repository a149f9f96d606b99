"""The console's further pages: settings, reader test, log, diagnosis, lights, restart and end."""

from datetime import datetime

import anyio
import anyio.to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from agent.diagnosis import WORDS, Facts, Item, Section, diagnose, faults_of
from agent.lights import lights_of
from agent.logbook import LOGBOOK
from agent.options import DISABLE, ENABLE, READERS, SWITCHES, Options, OptionsConflict
from agent.problems import Problem
from agent.reader_test import ReaderTest, Step
from agent.report import in_remote_session
from agent.restart import Part
from agent.web import guards
from agent.web.card import POLL_SECONDS, _snapshot, _snapshot_text
from agent.web.context import Agent, agent_of
from agent.web.forms import read_form
from agent.web.language import language_of, translations
from agent.web.render import SETTINGS_REFUSED, explain, leave, page
from agent.web.tool_words import LIGHTS, READER_TEST, SETTINGS

PATIENCE = 5.0  # seconds that a diagnosis waits for the servers


async def show_settings(request: Request) -> Response:
    """GET /settings; with `?refused=1` what could not be saved, as it was chosen."""
    guards.refuse_embedding(request)
    draft = agent_of(request).bench.draft
    if draft is not None and request.query_params.get("refused") == "1":
        request.state.here = SETTINGS_REFUSED
        problem = Problem("options_conflict", status=422)
        return await _settings_page(request, draft, problem=problem)
    return await _settings_page(request, agent_of(request).options.read(), saved=_is_saved(request))


async def save_settings(request: Request) -> Response:
    """POST /settings: every setting under the manual's name; a conflict keeps what was chosen."""
    guards.require_own_form(request)
    fields, pin = await read_form(request)
    with pin:
        chosen = _options(fields)
    agent = agent_of(request)
    try:
        agent.options.save(chosen)
    except OptionsConflict:
        agent.bench.draft = chosen
        return leave(SETTINGS_REFUSED)
    agent.bench.draft = None
    return leave("/settings?saved=1")


def _options(fields: dict[str, str]) -> Options:
    values: dict[str, object] = {}
    for name in SWITCHES:
        word = fields.get(name.upper(), "")
        if word not in {ENABLE, DISABLE}:
            raise Problem("request_malformed", status=400, return_url="/settings", retry=False)
        values[name] = word == ENABLE
    for name in READERS:
        values[name] = "".join(filter(str.isprintable, fields.get(name.upper(), "")))[:200]
    return Options(**values)  # type: ignore[arg-type]


def _is_saved(request: Request) -> bool:
    return request.query_params.get("saved") == "1"


async def _settings_page(
    request: Request, options: Options, *, saved: bool = False, problem: Problem | None = None
) -> Response:
    agent = agent_of(request)
    there = [card.reader.name for card in await agent.flow.look()]
    chosen = {name: getattr(options, name) for name in READERS}
    return page(
        request,
        "settings.html",
        status=problem.status if problem else 200,
        options=options,
        switches=[(name.upper(), getattr(options, name), SETTINGS[name]) for name in SWITCHES],
        readers=[(name.upper(), chosen[name], SETTINGS[name]) for name in READERS],
        # A chosen reader that is unplugged at this moment stays chosen.
        names=[*there, *sorted(set(chosen.values()) - {"", *there})],
        path=str(agent.options.path),
        mistakes=agent.options.mistakes(),
        remote=in_remote_session(),
        saved=saved,
        said=explain(problem, language_of(request)) if problem else None,
    )


async def show_reader_test(request: Request) -> Response:
    """GET /reader-test: where the test stands; each look at the page goes on by itself."""
    guards.refuse_embedding(request)
    agent = agent_of(request)
    seen, snapshot = await agent.flow.look(), agent.backend.snapshot()
    test = agent.bench.test
    if test is not None:
        service = agent.backend.service
        await anyio.to_thread.run_sync(lambda: test.look(seen, service=service))
    return page(
        request,
        "reader_test.html",
        readers=[card.reader.name for card in seen],
        test=test,
        words=READER_TEST[test.step] if test else None,
        step=list(Step).index(test.step) + 1 if test else 0,
        said=explain(Problem(test.code), language_of(request)) if test and test.code else None,
        seen=_snapshot_text(snapshot),
    )


async def start_reader_test(request: Request) -> Response:
    """POST /reader-test: begin, or begin again, with the reader of that name."""
    guards.require_own_form(request)
    fields, pin = await read_form(request)
    agent = agent_of(request)
    with pin:
        names = {card.reader.name for card in await agent.flow.look()}
        if fields.get("reader") not in names:
            raise Problem("reader_unknown", status=404, return_url="/reader-test", retry=False)
        agent.bench.test = ReaderTest(fields["reader"])
    return leave("/reader-test")


async def wait_for_reader(request: Request) -> Response:
    """GET /reader-test/wait: `{"look": true}` once a card moved."""
    guards.require_own_reader(request)
    backend, seen = agent_of(request).backend, _snapshot(request.query_params.get("seen", ""))

    def moved() -> bool:
        return backend.wait_for_change(seen, timeout=POLL_SECONDS) != seen

    return JSONResponse({"look": await anyio.to_thread.run_sync(moved, abandon_on_cancel=True)})


async def show_log(request: Request) -> Response:
    """GET /log: the latest lines first, without personal data."""
    guards.refuse_embedding(request)
    folder = agent_of(request).settings.home / "log"
    return page(request, "log.html", lines=LOGBOOK.lines(), folder=str(folder))


async def show_diagnosis(request: Request) -> Response:
    """GET /diagnosis."""
    guards.refuse_embedding(request)
    sections = await _diagnose(agent_of(request))
    language = language_of(request)
    said = {
        item.problem: explain(Problem(item.problem), language)
        for section in sections
        for item in section.items
        if item.problem
    }
    return page(
        request,
        "diagnosis.html",
        sections=sections,
        faults=faults_of(sections),
        said=said,
        words=WORDS,
    )


async def save_diagnosis(request: Request) -> Response:
    """GET /diagnosis.txt: the same as a text for the help desk, in both languages' order."""
    guards.refuse_embedding(request)
    agent = agent_of(request)
    text = as_text(await _diagnose(agent), language_of(request))
    name = f"ankang-agent-{datetime.now().astimezone():%Y%m%d-%H%M}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse(text, headers=headers)


def as_text(sections: list[Section], language: str) -> str:
    """Sections and items one below the other; `!` before what is not as it should be."""
    say = translations(language).gettext
    lines = []
    for section in sections:
        lines += ["", f"[{say(section.title)}]"]
        for item in section.items:
            mark = {"ok": " ", "unknown": "?", "warning": "!", "fault": "!!"}[item.state]
            found = say(item.found) if item.found in WORDS else item.found
            lines.append(f"{mark:2} {say(item.name)}: {found}")
            if item.state != "ok" and (advice := _advice(item, language)):
                lines.append(f"   -> {advice}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _advice(item: Item, language: str) -> str:
    say = translations(language).gettext
    if item.problem:
        said = explain(Problem(item.problem), language)
        return say("%(title)s. %(way)s") % said if said["way"] else said["title"]
    return say(item.advice) if item.advice else ""  # the catalogue's head stands under ""


async def _diagnose(agent: Agent) -> list[Section]:
    """As it is now: what a server said minutes ago would send the help desk the wrong way."""
    with anyio.move_on_after(PATIENCE):
        await agent.authentication.authenticate()
    facts = Facts(
        settings=agent.settings,
        options=agent.options,
        backend=agent.backend,
        seen=await agent.flow.look(),
        servers=agent.servers.all(),
        standings=agent.standing.modules(),
        signer=agent.signer,
        remote_session=in_remote_session(),
        now=datetime.now().astimezone(),
    )
    return await anyio.to_thread.run_sync(diagnose, facts)


async def show_lights(request: Request) -> Response:
    """GET /lights: the small window (模擬健保讀卡機燈號浮動視窗), where CSWATCH is ENABLE."""
    guards.refuse_embedding(request)
    agent = agent_of(request)
    if not agent.options.read().cswatch:
        raise Problem("watch_off", status=404, return_url="/settings", retry=False)
    lights = lights_of(await agent.flow.look(), agent.standing)
    return page(request, "lights.html", lights=lights, meanings=LIGHTS)


async def restart(request: Request) -> Response:
    """POST /restart: a form of the console, or JSON `{"type": "0"}` of a program (csSoftwareReset)."""
    if request.headers.get("content-type", "").startswith(guards.JSON):
        guards.require_own_json(request)
        body = await request.json()
        kind = str(body.get("type", "all")) if isinstance(body, dict) else ""
    else:
        guards.require_own_form(request)
        fields, pin = await read_form(request)
        with pin:
            kind = fields.get("type", "all")
    if kind not in list(Part):
        raise Problem("request_malformed", status=400, return_url="/", retry=False)
    await agent_of(request).restarter.restart(Part(kind))
    if request.headers.get("content-type", "").startswith(guards.JSON):
        return JSONResponse({"type": kind})
    return leave("/?restarted=1")


async def authenticate(request: Request) -> Response:
    """POST /authenticate: SAM authentication now (作業檢視 → SAM 認證)."""
    guards.require_own_form(request)
    await agent_of(request).authentication.authenticate()
    return leave("/#sam")


async def close(request: Request) -> Response:
    """POST /close: close the pages, and with CLSCSFSIM=DISABLE the program once it has said so."""
    guards.require_own_form(request)
    agent = agent_of(request)
    agent.life.end(keep_his=agent.options.read().clscsfsim)
    task = None if agent.life.keeps_his else BackgroundTask(agent.life.stop_soon)
    return RedirectResponse("/closed", status_code=303, background=task)


async def show_closed(request: Request) -> Response:
    """GET /closed: the last page of a program that ends, or the way to open the console again."""
    guards.refuse_embedding(request)
    life = agent_of(request).life
    if life.open:
        return leave("/")
    said = page(request, "closed.html", his=life.keeps_his)
    said.background = None if life.keeps_his else BackgroundTask(life.note_farewell)
    return said


def stay_closed(request: Request) -> Response:
    """Any page while the console is closed. A form gets a page that can be opened again."""
    own = request.headers.getlist("origin") == [agent_of(request).settings.origin]
    form = not request.headers.get("content-type", "").startswith(guards.JSON)
    if request.method == "POST" and own and form:
        return leave("/closed")
    return page(request, "closed.html", status=503, his=agent_of(request).life.keeps_his)


async def open_again(request: Request) -> Response:
    """POST /open: the pages again."""
    guards.require_own_form(request)
    agent_of(request).life.open = True
    return leave("/")
