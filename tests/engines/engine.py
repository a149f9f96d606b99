"""What the thread asks of a browser, whoever made it and whatever protocol it speaks."""

import time
from abc import ABC, abstractmethod
from typing import Any

PATIENCE = 15.0  # seconds until what a test waits for must be there
LOOK_AGAIN = 0.05  # seconds

# One element that a person could use: found, laid out, not disabled, and its page fully loaded.
READY = """
(selector) => {
  const found = document.querySelector(selector);
  return document.readyState === "complete" && found !== null && found.getClientRects().length > 0
    && !found.disabled;
}
"""
SHOWN = """
(selector) => document.readyState === "complete" && document.querySelector(selector) !== null
"""
TEXT = "(selector) => document.querySelector(selector)?.innerText ?? ''"
MAIN = "() => document.querySelector('main')?.outerHTML ?? ''"
TO_THE_MIDDLE = """
(selector) => document.querySelector(selector).scrollIntoView({block: "center", behavior: "instant"})
"""


class EngineError(Exception):
    """The browser refused a command, or said nothing in time; the message is the browser's."""


class Engine(ABC):
    """A browser with one page; selectors are CSS. Doings wait until their element can be used.

    Adapters say how a command reaches the browser; an `EngineError` is a command that failed.
    """

    name: str

    @property
    @abstractmethod
    def url(self) -> str:
        """The address of the page that is shown."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Go there and wait until the page is loaded; a redirect elsewhere is followed."""

    @abstractmethod
    def key(self, name: str) -> None:
        """Press and release a key of `keys.KEYS`, wherever the focus is."""

    @abstractmethod
    def evaluate(self, function: str, *arguments: str) -> Any:
        """The JSON value that this JavaScript function returns in the page."""

    @abstractmethod
    def _press(self, selector: str) -> None:
        """Click with the mouse in the middle of an element that can be used."""

    @abstractmethod
    def _write(self, text: str) -> None:
        """Type key by key, wherever the focus is."""

    @abstractmethod
    def close(self) -> None:
        """End the browser and every program that it needed."""

    def complaints(self) -> list[str]:
        """Warnings and errors on the console so far; none where the protocol does not tell them."""
        return []

    def click(self, selector: str) -> None:
        self._until(READY, selector)
        self.evaluate(TO_THE_MIDDLE, selector)
        self._press(selector)

    def type(self, selector: str, text: str) -> None:
        """Click into a field and type."""
        self.click(selector)
        self._write(text)

    def text(self, selector: str) -> str:
        """What a person can read in the first such element."""
        return str(self.evaluate(TEXT, selector))

    def expect(self, selector: str) -> None:
        """Wait for a loaded page with such an element."""
        self._until(SHOWN, selector)

    def _until(self, condition: str, selector: str) -> None:
        end = time.monotonic() + PATIENCE
        fault = ""
        while time.monotonic() < end:
            try:
                if self.evaluate(condition, selector):
                    return
            except EngineError as error:  # asked between two pages: there is no document
                fault = f" ({error})"
            time.sleep(LOOK_AGAIN)
        raise AssertionError(f"{self.name}: no {selector}{fault}, but {self._seen()}")

    def _seen(self) -> str:
        """What the failing test saw, in short."""
        try:
            return f"{self.url}: {self.evaluate(MAIN)}"[:1500]
        except EngineError as error:
            return f"nothing: {error}"
