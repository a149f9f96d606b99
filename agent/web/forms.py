"""Small urlencoded forms, read so that a PIN is not scattered over the memory."""

from urllib.parse import unquote_plus

from starlette.requests import Request

from agent.cards.pin import Pin, wipe
from agent.problems import Problem

LARGEST_FORM = 4096


async def read_form(request: Request) -> tuple[dict[str, str], Pin]:
    """The fields of a form, and its `pin` (empty when it has none), which is not among them."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            wipe(body)
            raise Problem("request_malformed", status=413, retry=False)
    try:
        return split_form(body)
    finally:
        wipe(body)


def split_form(body: bytearray) -> tuple[dict[str, str], Pin]:
    """As `read_form`, of bytes at hand. A PIN of digits needs no decoding and gets none."""
    fields: dict[str, str] = {}
    pin = bytearray()
    for part in body.split(b"&"):
        name, _, value = part.partition(b"=")
        if name == b"pin":
            pin = value
            wipe(part)
        else:
            fields[_decoded(name)] = _decoded(value)
    return fields, Pin(pin)


def _decoded(value: bytearray) -> str:
    return unquote_plus(value.decode("ascii", errors="replace"))
