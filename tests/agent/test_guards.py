"""Hostile requests to the loopback port: each is refused, and none reaches a server or a card."""

from typing import Any

import httpx
import pytest

from agent.web.guards import FORM
from tests.agent.browser import NAVIGATION, code_of, hidden_fields
from tests.agent.card_folder import PIN
from tests.agent.conftest import Workstation

ID = "A" * 43
CARD = f"/card?transaction={ID}"
EVIL = "https://evil.example"
INSERT = {"reader": 0, "card": "nhi-wang"}

# name, method, path, headers and body, expected status
HOSTILE: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "rebound name": ("GET", CARD, {"headers": NAVIGATION | {"Host": "evil.example"}}, 403),
    "localhost as name": ("GET", "/", {"headers": {"Host": "localhost"}}, 403),
    "host without port": ("GET", "/", {"headers": {"Host": "127.0.0.1"}}, 403),
    "host with a dot": ("GET", "/", {"headers": {"Host": "127.0.0.1.:24777"}}, 403),
    "static file by name": ("GET", "/static/agent.css", {"headers": {"Host": "evil"}}, 403),
    "iframe": ("GET", CARD, {"headers": NAVIGATION | {"Sec-Fetch-Dest": "iframe"}}, 403),
    "console in a frame": ("GET", "/", {"headers": {"Sec-Fetch-Dest": "frame"}}, 403),
    "fetch": ("GET", CARD, {"headers": {"Sec-Fetch-Dest": "empty"}}, 403),
    "image": ("GET", CARD, {"headers": {"Sec-Fetch-Dest": "image"}}, 403),
    "no fetch metadata": ("GET", CARD, {}, 403),
    "prefetch": ("GET", CARD, {"headers": NAVIGATION | {"Sec-Purpose": "prefetch"}}, 403),
    "prerender": (
        "GET", CARD, {"headers": NAVIGATION | {"Sec-Purpose": "prefetch;prerender"}}, 403,
    ),
    "old prefetch": ("GET", CARD, {"headers": NAVIGATION | {"Purpose": "prefetch"}}, 403),
    "short id": ("GET", "/card?transaction=abc", {"headers": NAVIGATION}, 400),
    "path in id": ("GET", f"/card?transaction=../{'A' * 40}", {"headers": NAVIGATION}, 400),
    "id with newline": ("GET", f"/card?transaction={ID}%0a", {"headers": NAVIGATION}, 400),
    "two ids": ("GET", f"{CARD}&transaction={'B' * 43}", {"headers": NAVIGATION}, 400),
    "no id": ("GET", "/card", {"headers": NAVIGATION}, 400),
    "unknown server": ("GET", f"{CARD}&server=evil.example", {"headers": NAVIGATION}, 404),
    "server as origin": ("GET", f"{CARD}&server={EVIL}", {"headers": NAVIGATION}, 404),
    "GET on the PIN": ("GET", f"/card/pin?transaction={ID}&pin={PIN}", {"headers": NAVIGATION}, 405),
    "GET on insert": ("GET", "/virtual/insert", {}, 405),
    "GET on cancel": ("GET", "/card/cancel", {"headers": NAVIGATION}, 405),
    "POST on card": ("POST", CARD, {"headers": NAVIGATION}, 405),
    "PIN from elsewhere": (
        "POST", "/card/pin", {"headers": {"Origin": EVIL}, "data": {"transaction": ID}}, 403,
    ),
    "PIN from a sandbox": (
        "POST", "/card/pin", {"headers": {"Origin": "null"}, "data": {"transaction": ID}}, 403,
    ),
    "PIN without origin": ("POST", "/card/pin", {"data": {"transaction": ID}}, 403),
    "cancel from elsewhere": (
        "POST", "/card/cancel", {"headers": {"Origin": EVIL}, "data": {"transaction": ID}}, 403,
    ),
    "language from elsewhere": (
        "POST", "/language", {"headers": {"Origin": EVIL}, "data": {"language": "en"}}, 403,
    ),
    "insert from elsewhere": (
        "POST", "/virtual/insert", {"headers": {"Origin": EVIL}, "json": INSERT}, 403,
    ),
    "insert from a sandbox": (
        "POST", "/virtual/insert", {"headers": {"Origin": "null"}, "json": INSERT}, 403,
    ),
    "insert cross-site": (
        "POST", "/virtual/insert", {"headers": {"Sec-Fetch-Site": "cross-site"}, "json": INSERT}, 403,
    ),
    "insert as form": ("POST", "/virtual/insert", {"data": {"reader": "0"}}, 415),
    "insert as text": (
        "POST",
        "/virtual/insert",
        {"headers": {"Content-Type": "text/plain"}, "content": '{"reader":0,"card":"nhi-wang"}'},
        415,
    ),
    "cards read cross-site": (
        "GET", "/virtual.json", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403,
    ),
    "status read from another port": (
        "GET", "/status.json", {"headers": {"Origin": "http://127.0.0.1:8000"}}, 403,
    ),
    "waiting read cross-site": (
        "GET", f"/card/wait?transaction={ID}", {"headers": {"Sec-Fetch-Site": "same-site"}}, 403,
    ),
    "preflight": ("OPTIONS", "/virtual/insert", {"headers": {"Origin": EVIL}}, 405),
    "way out of static": ("GET", "/static/..%2f__init__.py", {}, 404),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_request_is_refused_before_server_and_card(
    workstation: Workstation, name: str
) -> None:
    method, path, request, status = HOSTILE[name]
    workstation.browser.insert("hpc-chen", 1)

    answer = workstation.browser.http.request(method, path, **request)

    assert answer.status_code == status
    assert workstation.server.requests == 0
    assert "access-control-allow-origin" not in answer.headers
    held = [reader.card_file and reader.card_file.id for reader in workstation.tray.readers()]
    assert held == [None, "hpc-chen"]
    if path.startswith(("/virtual", "/status", "/card/wait")):
        assert set(answer.json()) == {"code", "message", "detail"}
    else:
        assert code_of(answer)


def test_a_pin_with_another_content_type_is_not_read(workstation: Workstation) -> None:
    headers = {"Origin": workstation.browser.origin, "Content-Type": "text/plain"}
    answer = workstation.browser.http.post("/card/pin", content=f"pin={PIN}", headers=headers)
    assert (answer.status_code, code_of(answer)) == (415, "content_type_unsupported")


def test_a_form_that_is_too_long_is_refused(workstation: Workstation) -> None:
    answer = workstation.browser.submit("/card/pin", {"transaction": ID, "pin": "1" * 5000})
    assert workstation.browser.follow(answer).status_code == 413


@pytest.mark.parametrize("body", ["[]", "7", "{", '{"reader": 0}', '{"reader": "0", "card": "x"}'])
def test_a_tray_order_of_another_form_is_refused(workstation: Workstation, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = workstation.browser.http.post("/virtual/insert", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")


def test_every_answer_carries_the_security_headers(workstation: Workstation) -> None:
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self' {workstation.server.origin}; frame-ancestors 'none'; base-uri 'none'"
    )
    for path in ("/", "/status.json", "/static/agent.css", "/nowhere", "/card"):
        headers = workstation.browser.open(path).headers
        assert headers["content-security-policy"] == policy
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"


def test_no_page_has_inline_script_or_style(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang")
    transaction = workstation.server.start(cards=["HPC"])
    pages: list[httpx.Response] = [
        workstation.browser.open("/"),
        workstation.browser.open_card(transaction),
        workstation.browser.open("/card"),
    ]
    workstation.browser.insert("hpc-chen")
    pages.append(workstation.browser.open_card(transaction))
    for page in pages:
        assert "<style" not in page.text
        assert " style=" not in page.text
        assert " on" not in page.text.replace(" on ", " ").partition("<main")[2].partition(">")[0]
        assert page.text.count("<script") == page.text.count("<script src=")


def test_pin_and_transaction_stay_out_of_the_log(
    workstation: Workstation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    workstation.browser.insert("hpc-chen")
    transaction = workstation.server.start(cards=["HPC"])
    page = workstation.browser.open_card(transaction)
    assert "form_token" in hidden_fields(page, "/card/pin")
    workstation.browser.type_pin(page, "735946")
    own = [record.getMessage() for record in caplog.records if record.name.startswith("agent")]
    assert any("POST /card/pin 303" in line for line in own)
    assert not any("735946" in record.getMessage() for record in caplog.records)
    assert not any(transaction in line for line in own)
    assert FORM not in "".join(own)
