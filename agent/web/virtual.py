"""The virtual tray for scripts: which cards there are, putting them in and pulling them out."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent.problems import Problem
from agent.readers.virtual.tray import NoSuchCard, NoSuchReader, VirtualTray
from agent.web import guards
from agent.web.context import agent_of

LARGEST_BODY = 4096


async def show_tray(request: Request) -> Response:
    """GET /virtual.json. PINs are in it: these cards open nothing outside a demo."""
    guards.require_own_reader(request)
    return JSONResponse(_contents(_tray(request)))


async def insert_card(request: Request) -> Response:
    """POST /virtual/insert `{"reader": 0, "card": "<id>"}`; answers the tray as it is now."""
    guards.require_own_json(request)
    tray, body = _tray(request), await _body(request)
    card = body.get("card")
    if not isinstance(card, str):
        raise Problem("request_malformed", status=400)
    try:
        tray.insert(reader=_reader(body), card=card)
    except NoSuchCard:
        raise Problem("card_unknown", status=404) from None
    except NoSuchReader:
        raise Problem("reader_unknown", status=404) from None
    return JSONResponse(_contents(tray))


async def remove_card(request: Request) -> Response:
    """POST /virtual/remove `{"reader": 0}`; answers the tray as it is now."""
    guards.require_own_json(request)
    tray, body = _tray(request), await _body(request)
    try:
        tray.remove(reader=_reader(body))
    except NoSuchReader:
        raise Problem("reader_unknown", status=404) from None
    return JSONResponse(_contents(tray))


def _contents(tray: VirtualTray) -> dict[str, object]:
    readers = [
        {
            "index": reader.index,
            "name": reader.name,
            "card": reader.card_file.id if reader.card_file else None,
        }
        for reader in tray.readers()
    ]
    cards = [
        {
            "id": card.id,
            "kind": card.kind,
            "holder": card.holder,
            "pin": card.pin,
            "note": card.note,
        }
        for card in tray.folder.cards().values()
    ]
    return {"readers": readers, "cards": cards}


def _tray(request: Request) -> VirtualTray:
    tray = agent_of(request).tray
    if tray is None:
        raise Problem("not_found", status=404)
    return tray


async def _body(request: Request) -> dict[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise Problem("request_malformed", status=413)
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Problem("request_malformed", status=400)
    return body


def _reader(body: dict[str, Any]) -> int:
    reader = body.get("reader")
    if not isinstance(reader, int) or isinstance(reader, bool):
        raise Problem("request_malformed", status=400)
    return reader
