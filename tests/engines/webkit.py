"""WebKitGTK's small browser over classic WebDriver: https://www.w3.org/TR/webdriver2/, JSON over HTTP."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from config.supervisor.ports import free_port
from tests.agent.waiting import wait_until
from tests.engines.engine import PATIENCE, Engine, EngineError
from tests.engines.keys import KEYS, mouse_click, strokes
from tests.engines.programs import DISPLAY_SERVER, WEBKIT_DRIVER, mini_browser, running

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the standard's name of a reference to an element
# What is not loopback goes to a port where nobody listens.
PROXY = {
    "proxyType": "manual",
    "httpProxy": "127.0.0.1:9",
    "sslProxy": "127.0.0.1:9",
    "noProxy": ["localhost", "127.0.0.1"],
}

STARTS = 3  # see _start


class Silent(EngineError):
    """No answer in time."""


class WebKit(Engine):
    name = "WebKitGTK"

    def __init__(self, folder: Path) -> None:
        with ExitStack() as opened:
            environment = _environment(folder, _display(opened, folder))
            self._http, self._session = _start(opened, folder, environment)
            opened.callback(self._http.delete, self._session)
            self._opened = opened.pop_all()

    @property
    def url(self) -> str:
        return str(self._get("/url"))

    def open(self, url: str) -> None:
        self._post("/url", url=url)

    def key(self, name: str) -> None:
        self._write(KEYS[name])

    def evaluate(self, function: str, *arguments: str) -> Any:
        script = f"return ({function})(...arguments)"
        return self._post("/execute/sync", script=script, args=list(arguments))

    def close(self) -> None:
        self._opened.close()

    def _press(self, selector: str) -> None:
        element = self._post("/element", using="css selector", value=selector)
        self._act(mouse_click({ELEMENT: element[ELEMENT]}))

    def _write(self, text: str) -> None:
        self._act(strokes(text))

    def _act(self, source: dict[str, Any]) -> None:
        self._post("/actions", actions=[source])

    def _get(self, path: str) -> Any:
        return _ask(self._http, "GET", self._session + path)

    def _post(self, path: str, **body: Any) -> Any:
        return _ask(self._http, "POST", self._session + path, body)


def _display(opened: ExitStack, folder: Path) -> str:
    """A screen in memory; the server picks a free number and says it once it is ready."""
    command = [DISPLAY_SERVER, "-displayfd", "1", "-screen", "0", "1366x900x24", "-nolisten", "tcp"]
    screen = opened.enter_context(running(command, log=folder / "display.log"))
    return ":" + screen.wait_for(r"([0-9]+)")


def _environment(folder: Path, display: str) -> dict[str, str]:
    """A home of its own, so that the browser keeps nothing of the person who runs the tests."""
    return {
        "DISPLAY": display,
        "GDK_BACKEND": "x11",
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "LANG": "C.UTF-8",
        "LANGUAGE": "zh_TW",
    }


def _start(
    opened: ExitStack, folder: Path, environment: dict[str, str]
) -> tuple[httpx.Client, str]:
    """A driver with a browser: the client that reaches it and the path of the session.

    One start in about forty hangs for ever between driver and browser (version 2.50.6, on two cores);
    nothing of the product runs by then, so another pair is started instead.
    """
    for _ in range(STARTS):
        with ExitStack() as attempt:
            http = _driver(attempt, folder, environment)
            try:
                session = _ask(
                    http, "POST", "/session", {"capabilities": {"alwaysMatch": _wanted()}}
                )
            except Silent:
                continue
            opened.push(attempt.pop_all())
            return http, f"/session/{session['sessionId']}"
    raise EngineError(f"no session after {STARTS} starts")


def _driver(opened: ExitStack, folder: Path, environment: dict[str, str]) -> httpx.Client:
    port = free_port()
    command = [WEBKIT_DRIVER, "--host=127.0.0.1", f"--port={port}"]
    opened.enter_context(running(command, log=folder / "webkit.log", environment=environment))
    address = f"http://127.0.0.1:{port}"
    # Not through a proxy of the environment.
    http = opened.enter_context(httpx.Client(base_url=address, timeout=PATIENCE, trust_env=False))
    wait_until(lambda: _listens(http), "the WebKit driver listens")
    return http


def _listens(http: httpx.Client) -> bool:
    try:
        return http.get("/status").is_success
    except httpx.ConnectError:
        return False


def _wanted() -> dict[str, Any]:
    options = {"binary": mini_browser(), "args": ["--automation"]}
    return {"webkitgtk:browserOptions": options, "proxy": PROXY}


def _ask(http: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The value of the driver's answer; EngineError when it refuses, Silent when none comes."""
    try:
        answer = http.request(method, path, json=body)
    except httpx.TimeoutException as error:
        raise Silent(f"{path}: {error!r}") from error
    except httpx.TransportError as error:
        raise EngineError(f"{path}: {error!r}") from error
    value = answer.json()["value"]
    if answer.is_error:
        raise EngineError(f"{value['error']}: {value['message']}")
    return value
