"""What a page must never do: speak on the console, break its CSP, lose a request, call a stranger."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

OWN_HOSTS = {"localhost", "127.0.0.1"}
# The person (or the double click, or the waiting page) went on before the answer was there.
LEFT_EARLY = "net::ERR_ABORTED"
# Chromium tells this when the test typed before the page's own autofocus came round.
QUICKER_THAN_AUTOFOCUS = "Autofocus processing was blocked because a document already has a focused"


@dataclass
class Watch:
    """Everything a context did wrong so far; `allow` names what a test provokes itself."""

    wrong: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._heard)
        context.on("weberror", self._raised)
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)

    def allow(self, part: str) -> None:
        """Overlook what contains `part`."""
        self.allowed.append(part)

    def complaints(self) -> list[str]:
        return [each for each in self.wrong if not any(part in each for part in self.allowed)]

    def _heard(self, message: ConsoleMessage) -> None:
        if not (
            _says_the_document_was_refused(message)
            or message.text.startswith(QUICKER_THAN_AUTOFOCUS)
        ):
            where = message.page.url if message.page else ""
            self.wrong.append(
                f"console {message.type} on {where}: {message.text} {message.location['url']}"
            )

    def _raised(self, error: WebError) -> None:
        self.wrong.append(f"script error: {error.error}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in {*OWN_HOSTS, None}:
            self.wrong.append(f"request to another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT_EARLY:
            self.wrong.append(f"failed: {request.method} {request.url} {request.failure}")


def _says_the_document_was_refused(message: ConsoleMessage) -> bool:
    """Chrome's own line for a page with status 4xx; of a script or image it counts."""
    page = message.page
    refused = message.text.startswith("Failed to load resource") and "status of 4" in message.text
    return bool(refused and page and message.location["url"] == page.url)


class DocumentCounter:
    """Counts the requests of the browser for documents, redirects included."""

    def __init__(self, context: BrowserContext) -> None:
        self.seen: list[str] = []
        context.on("request", self._count)

    def _count(self, request: Request) -> None:
        if request.resource_type == "document":
            self.seen.append(f"{request.method} {urlsplit(request.url).path}")

    def of(self, deed: Callable[[], object]) -> list[str]:
        """The document requests that `deed` causes."""
        before = len(self.seen)
        deed()
        return self.seen[before:]
