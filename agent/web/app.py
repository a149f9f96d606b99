"""The agent put together: routes, guards, headers, and what starts and stops with it."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from agent.authentication import Authentication
from agent.enrolment import Enrolment
from agent.flow import CardFlow
from agent.hardware import choose_signer, open_backend
from agent.his.desk import HisDesk
from agent.his.nhi import Cards
from agent.his.online import HisServer
from agent.his.token import load_or_make_token
from agent.keys import load_or_make_key
from agent.modules import ModuleStore
from agent.options import OptionsFile
from agent.problems import Problem
from agent.readers.recognition import Recogniser
from agent.readers.virtual.tray import VirtualTray
from agent.removal import RemovalWatch
from agent.report import Reporter, in_remote_session
from agent.restart import Restarter
from agent.server import ServerClient
from agent.servers import ServerList
from agent.settings import Settings
from agent.standing import Standing
from agent.transaction import TransactionBook
from agent.web import card, console, his, modules, tools, virtual
from agent.web.context import Agent, agent_of
from agent.web.guards import check_every_request
from agent.web.render import STATIC, explain, refuse, security_headers, send_to_refusal
from agent.work import CardWork, Modes

access_log = logging.getLogger("agent.access")
# What a closed console leaves open (CLSCSFSIM): the HIS programs' interface, and the way back.
OPEN_WHEN_CLOSED = (
    "/his/",
    "/end",
    "/open",
    "/closed",
    "/static/",
    "/status.json",
    "/favicon.ico",
    "/language",
)

ROUTES = [
    Route("/", console.show_console, methods=["GET"]),
    Route("/status.json", console.show_status, methods=["GET"]),
    Route("/favicon.ico", console.show_icon, methods=["GET"]),
    Route("/modules", modules.upload_module, methods=["POST"]),
    Route("/language", console.switch_language, methods=["POST"]),
    Route("/card", card.open_card, methods=["GET"]),
    Route("/card/wait", card.wait_for_card, methods=["GET"]),
    Route("/card/pin", card.submit_pin, methods=["POST"]),
    Route("/card/cancel", card.cancel_transaction, methods=["POST"]),
    Route("/card/refused", card.show_refusal, methods=["GET"]),
    Route("/refused", console.show_refusal, methods=["GET"]),
    Route("/his/openapi.json", his.show_openapi, methods=["GET"]),
    Route("/end", his.end_agent, methods=["POST"]),
    Route("/his/{name}", his.call_function, methods=["POST"]),
    Route("/settings", tools.show_settings, methods=["GET"]),
    Route("/settings", tools.save_settings, methods=["POST"]),
    Route("/reader-test", tools.show_reader_test, methods=["GET"]),
    Route("/reader-test", tools.start_reader_test, methods=["POST"]),
    Route("/reader-test/wait", tools.wait_for_reader, methods=["GET"]),
    Route("/log", tools.show_log, methods=["GET"]),
    Route("/diagnosis", tools.show_diagnosis, methods=["GET"]),
    Route("/diagnosis.txt", tools.save_diagnosis, methods=["GET"]),
    Route("/lights", tools.show_lights, methods=["GET"]),
    Route("/authenticate", tools.authenticate, methods=["POST"]),
    Route("/restart", tools.restart, methods=["POST"]),
    Route("/close", tools.close, methods=["POST"]),
    Route("/closed", tools.show_closed, methods=["GET"]),
    Route("/open", tools.open_again, methods=["POST"]),
    Route("/virtual.json", virtual.show_tray, methods=["GET"]),
    Route("/virtual/insert", virtual.insert_card, methods=["POST"]),
    Route("/virtual/remove", virtual.remove_card, methods=["POST"]),
    Mount("/static", StaticFiles(directory=STATIC)),
]


def build_agent(settings: Settings) -> Agent:
    """Everything one agent works with; the key is made when this is its first start."""
    key = load_or_make_key(settings.home)
    servers, store = ServerList(settings.home), ModuleStore(settings.home)
    backend = open_backend(settings)
    signer = choose_signer(settings, backend)
    client = ServerClient(key=key, demo=backend.virtual, pins=store.pins, ca_file=settings.ca_file)
    removals = RemovalWatch(backend=backend, client=client)
    standing, options = Standing(), OptionsFile(settings.home)

    def modes() -> Modes:
        remote = in_remote_session()
        return Modes(options.read().allows_fast_authentication(remote_session=remote), remote)

    recogniser = Recogniser(signer)
    authentication = Authentication(servers=servers, client=client, standing=standing)
    flow = CardFlow(
        servers=servers,
        client=client,
        backend=backend,
        work=CardWork(key, signer, modes=modes),
        recogniser=recogniser,
        book=TransactionBook(),
        modules=store,
        removals=removals,
        reporter=Reporter(
            backend=backend,
            signer=signer,
            modules=store,
            say=lambda code, language: explain(Problem(code), language)["title"],
        ),
        standing=standing,
        options=options,
        ask_soon=authentication.ask_soon,
    )
    return Agent(
        settings=settings,
        key=key,
        servers=servers,
        backend=backend,
        tray=backend if isinstance(backend, VirtualTray) else None,
        client=client,
        flow=flow,
        modules=store,
        enrolment=Enrolment(
            settings.home,
            servers=servers,
            store=store,
            client=client,
            ask_soon=authentication.ask_soon,
        ),
        removals=removals,
        standing=standing,
        options=options,
        authentication=authentication,
        restarter=Restarter(
            backend=backend,
            recogniser=recogniser,
            standing=standing,
            authentication=authentication,
        ),
        signer="virtual" if backend.virtual else signer.name,
        his=HisDesk(
            cards=Cards(
                backend=backend,
                recogniser=recogniser,
                signer=signer,
                standing=standing,
                options=options,
            ),
            server=HisServer(
                client=client, key=key, servers=servers, ask_soon=authentication.ask_soon
            ),
        ),
        his_token=load_or_make_token(settings.home),
    )


def build_app(agent: Agent) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(agent.enrolment.watch_folder)
            tasks.start_soon(agent.removals.run)
            tasks.start_soon(agent.authentication.run)
            tasks.start_soon(agent.his.reports.run)
            yield
            agent.backend.close()
            tasks.cancel_scope.cancel()
        await agent.client.close()

    app = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_around_every_request)],
        exception_handlers={Problem: _on_problem, HTTPException: _on_http_exception},
    )
    app.state.agent = agent
    return app


async def _around_every_request(
    request: Request, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Guard, answer, add the headers, and log without the query string (it names transactions)."""
    try:
        check_every_request(request)
        if not agent_of(request).life.open and not request.url.path.startswith(OPEN_WHEN_CLOSED):
            response: Response = tools.stay_closed(request)
        else:
            response = await handle(request)
    except Problem as problem:
        response = refuse(request, problem)
    response.headers.update(security_headers(request))
    access_log.info("%s %s %s", request.method, request.url.path, response.status_code)
    return response


async def _on_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    if problem.__cause__ is not None:
        access_log.warning("%s: %s", problem.code, problem.__cause__)
    if getattr(request.state, "own_form", False):
        return send_to_refusal(request, problem)
    return refuse(request, problem)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    return refuse(request, Problem(code, status=error.status_code, retry=False))


__all__ = ["Agent", "agent_of", "build_agent", "build_app"]
