"""The pages of a card transaction: insert a card, choose one, type the PIN."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent.cards.kinds import CardKind
from agent.problems import Problem
from agent.readers.base import Snapshot
from agent.readers.recognition import SeenCard
from agent.steps import GoTo, NeedCard, NeedChoice, NeedPin, Step
from agent.transaction import Transaction
from agent.web import guards
from agent.web.context import agent_of
from agent.web.forms import read_form
from agent.web.language import language_of
from agent.web.render import card_url, explain, leave, own_card_url, page, refuse

TRANSACTION_ID = re.compile(r"[A-Za-z0-9_-]{43}")
READER_NUMBER = re.compile(r"[0-9]{1,2}")
POLL_SECONDS = 5.0
# What needs a hand first: beside a card that fails, one of another kind may be where it belongs.
WRONG_CARDS = ("card_mute", "card_foreign", "card_kind_wrong")


async def open_card(request: Request) -> Response:
    """GET /card: claim the transaction and go as far as the cards in the readers allow."""
    guards.require_navigation(request)
    _name_transaction(request, request.query_params.getlist("transaction"))
    flow = agent_of(request).flow
    server = flow.server(_server_id(request, request.query_params.get("server")))
    transaction = await flow.open(request.state.transaction_id, server=server)
    _keep(request, transaction)
    reader = _chosen(request, request.query_params.get("reader", ""))
    step = await flow.advance(transaction, reader=reader)
    return _show(request, transaction, step)


async def submit_pin(request: Request) -> Response:
    """POST /card/pin: to the server with the result, or to the page that says what became of it."""
    guards.require_own_form(request)
    fields, pin = await read_form(request)
    with pin:
        transaction = _known_transaction(request, fields)
        _chosen(request, fields.get("chosen", ""))
        step = await agent_of(request).flow.submit_pin(
            transaction,
            reader=_number(fields.get("reader", "")),
            form_token=fields.get("form_token", ""),
            pin=pin,
        )
    return leave(step.url if isinstance(step, GoTo) else own_card_url(request))


async def show_refusal(request: Request) -> Response:
    """GET /card/refused: why the last form was refused. Opening it does nothing."""
    guards.require_navigation(request)
    transaction = _known_transaction(request, dict(request.query_params))
    if transaction.refused is None:
        return leave(own_card_url(request))
    return refuse(request, transaction.refused)


async def cancel_transaction(request: Request) -> Response:
    """POST /card/cancel: back to the server without a result."""
    guards.require_own_form(request)
    fields, pin = await read_form(request)
    with pin:
        transaction = _known_transaction(request, fields)
    return leave(agent_of(request).flow.cancel(transaction).url)


async def wait_for_card(request: Request) -> Response:
    """GET /card/wait: `{"look": true}` once the waiting page should be opened anew."""
    guards.require_own_reader(request)
    transaction = _known_transaction(request, dict(request.query_params))
    seen = _snapshot(request.query_params.get("seen", ""))
    look = await agent_of(request).flow.wait(transaction, seen, timeout=POLL_SECONDS)
    return JSONResponse({"look": look})


def _known_transaction(request: Request, fields: dict[str, str]) -> Transaction:
    _name_transaction(request, [fields.get("transaction", "")])
    flow = agent_of(request).flow
    server = flow.server(_server_id(request, fields.get("server")))
    transaction = flow.find(request.state.transaction_id, server=server)
    _keep(request, transaction)
    return transaction


def _keep(request: Request, transaction: Transaction) -> None:
    """For whatever page comes: its language, and what was asked for."""
    request.state.language = transaction.claim.language
    request.state.transaction = transaction


def _name_transaction(request: Request, ids: list[str]) -> None:
    """Keep the id for every way on this page offers. One id of the right shape, or none at all."""
    if len(ids) != 1 or not TRANSACTION_ID.fullmatch(ids[0]):
        raise Problem("transaction_malformed", status=400, retry=False)
    request.state.transaction_id = ids[0]


def _server_id(request: Request, server_id: str | None) -> str | None:
    request.state.server_id = server_id or ""
    return server_id or None


def _chosen(request: Request, reader: str) -> int | None:
    """The reader that the person chose among several fitting cards, kept for the page's own forms."""
    number = _number(reader) if reader else None
    request.state.chosen = "" if number is None else str(number)
    return number


def _number(text: str) -> int:
    if not READER_NUMBER.fullmatch(text):
        raise Problem("request_malformed", status=400, retry=False)
    return int(text)


def _snapshot(text: str) -> Snapshot:
    """The inverse of `_snapshot_text`; anything else is a snapshot that no reader ever had."""
    parts = text.split(".")
    if not all(part == "-" or (part.isascii() and part.isdecimal()) for part in parts):
        return ()
    return tuple(None if part == "-" else int(part) for part in parts)


def _snapshot_text(snapshot: Snapshot) -> str:
    return ".".join("-" if insertion is None else str(insertion) for insertion in snapshot)


def _show(request: Request, transaction: Transaction, step: Step) -> Response:
    if isinstance(step, GoTo):
        return leave(step.url)
    if isinstance(step, NeedPin):
        return _pin_page(request, transaction, step)
    if isinstance(step, NeedChoice):
        return page(request, "choose.html", claim=transaction.claim, choices=step.choices)
    wrong = [
        (card, _code_of(card))
        for card in step.seen
        if card.insertion is not None and not card.fault
    ]
    return page(
        request,
        "insert.html",
        claim=transaction.claim,
        wrong=[(card, explain(Problem(code), language_of(request))) for card, code in wrong],
        code=step.fault or _code_of_page(step, [code for _, code in wrong]),
        readers=len(step.seen),
        stopped=step.service == "stopped",
        said=explain(Problem(step.fault), language_of(request)) if step.fault else None,
        seen=_snapshot_text(step.snapshot),
        card_url=card_url(request),
    )


def _code_of(card: SeenCard) -> str:
    """What a card that does not serve here is."""
    if card.mute:
        return "card_mute"
    return "card_kind_wrong" if card.kind else "card_foreign"


def _code_of_page(step: NeedCard, wrong: list[str]) -> str:
    """The code of the waiting page: what keeps it waiting, the machine's faults first."""
    if step.service == "stopped":
        return "service_stopped"
    if not step.seen:
        return "reader_missing"
    return next((code for code in WRONG_CARDS if code in wrong), "card_missing")


def _pin_page(request: Request, transaction: Transaction, step: NeedPin) -> Response:
    said = explain(step.problem, language_of(request)) if step.problem else None
    assert isinstance(step.card.kind, CardKind)
    return page(
        request,
        "pin.html",
        claim=transaction.claim,
        kind=step.card.kind,
        reader=step.card.reader.index,
        holder=step.holder,
        form_token=step.form_token,
        said=said,
        last=explain(Problem("pin_last_try"), language_of(request)),
    )
