"""What a browser would do with the agent, down to the headers it sends by itself."""

import re
from urllib.parse import urlencode

import httpx

NAVIGATION = {
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Browser:
    """A client with cookies that does not follow redirects, so that tests see them."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.http = httpx.Client(base_url=origin, trust_env=False, timeout=15)

    def open(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=NAVIGATION | headers)

    def open_card(self, transaction: str, **query: str) -> httpx.Response:
        return self.open("/card?" + urlencode({"transaction": transaction, **query}))

    def submit(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        own = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
        return self.http.post(path, data=fields, headers=own | headers)

    def type_pin(self, page: httpx.Response, pin: str, **changes: str) -> httpx.Response:
        """Fill in the PIN form of `page`, and go where the answer leads on the agent itself."""
        fields = hidden_fields(page, "/card/pin") | {"pin": pin} | changes
        return self.follow(self.submit("/card/pin", fields))

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """The agent's own page behind a redirect; the way to a server is left to the test."""
        if not answer.headers.get("location", "").startswith("/"):
            return answer
        assert answer.status_code == 303
        return self.open(answer.headers["location"], **{"Sec-Fetch-Site": "same-origin"})

    def insert(self, card: str, reader: int = 0) -> None:
        answer = self.http.post("/virtual/insert", json={"reader": reader, "card": card})
        assert answer.status_code == 200, answer.text

    def remove(self, reader: int = 0) -> None:
        assert self.http.post("/virtual/remove", json={"reader": reader}).status_code == 200


def hidden_fields(page: httpx.Response, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`."""
    form = page.text.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert form, page.text
    return dict(HIDDEN.findall(form))


def code_of(page: httpx.Response) -> str:
    """`data-code` of the page's main element."""
    found = re.search(r'<main[^>]*data-code="([\w-]+)"', page.text)
    return found[1] if found else ""


def page_of(page: httpx.Response) -> str:
    found = re.search(r'<main[^>]*data-page="(\w+)"', page.text)
    return found[1] if found else ""
