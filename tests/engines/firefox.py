"""Debian's Firefox over WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/, JSON on a WebSocket."""

import itertools
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.engines.engine import PATIENCE, Engine, EngineError
from tests.engines.keys import KEYS, mouse_click, strokes
from tests.engines.programs import FIREFOX, running

LISTENING = r"WebDriver BiDi listening on (\S+)"
# Firefox itself must talk to nobody: what is not loopback goes to a port where nobody listens.
# It never sends loopback through a proxy (network.proxy.allow_hijacking_localhost is false).
PREFERENCES: dict[str, Any] = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "intl.accept_languages": "zh-TW, zh",
}


class Connection:
    """One WebSocket to the browser: commands are answered in any order, events come between."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command; EngineError when it fails or the browser is gone or silent."""
        number = next(self._numbers)
        try:
            self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
            while (message := json.loads(self._socket.recv(PATIENCE))).get("id") != number:
                self.events.append(message)
        except (ConnectionClosed, TimeoutError) as error:
            raise EngineError(f"{method}: {error!r}") from error
        if message["type"] == "error":
            raise EngineError(f"{method}: {message['error']}: {message['message']}")
        return dict(message["result"])


class Firefox(Engine):
    name = "Firefox"

    def __init__(self, folder: Path) -> None:
        command = [FIREFOX, "--headless", "--no-remote", "--profile", str(_profile(folder)),
                   "--remote-debugging-port", "0"]  # fmt: skip
        environment = {"HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
        with ExitStack() as opened:
            program = opened.enter_context(
                running(command, log=folder / "firefox.log", environment=environment)
            )
            address = program.wait_for(LISTENING) + "/session"
            # No proxy of the environment, and no limit: an answer about a page may hold the page.
            socket = connect(address, open_timeout=PATIENCE, proxy=None, max_size=None)
            self._connection = Connection(opened.enter_context(socket))
            self._connection.send("session.new", capabilities={})
            self._connection.send("session.subscribe", events=["log.entryAdded"])
            (page,) = self._connection.send("browsingContext.getTree")["contexts"]
            self._page_id = page["context"]
            self._opened = opened.pop_all()

    @property
    def url(self) -> str:
        found = self._connection.send("browsingContext.getTree", root=self._page_id)["contexts"]
        return str(found[0]["url"])

    def open(self, url: str) -> None:
        self._send("browsingContext.navigate", url=url, wait="complete")

    def key(self, name: str) -> None:
        self._write(KEYS[name])

    def evaluate(self, function: str, *arguments: str) -> Any:
        answer = self._connection.send(
            "script.callFunction",
            functionDeclaration=f"(...all) => JSON.stringify(({function})(...all) ?? null)",
            arguments=[{"type": "string", "value": each} for each in arguments],
            target={"context": self._page_id},
            awaitPromise=False,
        )
        if answer["type"] == "exception":
            raise EngineError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def complaints(self) -> list[str]:
        """Warnings and errors on the console, script errors included, of all pages so far."""
        self._connection.send("session.status")  # whatever was said before is here afterwards
        told = [event["params"] for event in self._connection.events]
        return [f"{each['level']}: {each['text']}" for each in told
                if each["level"] in {"warn", "error"}]  # fmt: skip

    def close(self) -> None:
        self._opened.close()

    def _press(self, selector: str) -> None:
        located = self._send("browsingContext.locateNodes",
                             locator={"type": "css", "value": selector}, maxNodeCount=1)  # fmt: skip
        element = {"sharedId": located["nodes"][0]["sharedId"]}
        self._act(mouse_click({"type": "element", "element": element}))

    def _write(self, text: str) -> None:
        self._act(strokes(text))

    def _act(self, source: dict[str, Any]) -> None:
        self._send("input.performActions", actions=[source])

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._connection.send(method, context=self._page_id, **parameters)


def _profile(folder: Path) -> Path:
    """A new profile with our preferences."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    return profile
