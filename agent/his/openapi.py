"""The OpenAPI document of the HIS functions, out of the one table."""

from agent import __version__
from agent.his.arguments import NAMED, WRITTEN
from agent.his.codes import MEANINGS, Code
from agent.his.fields import Digits, Field, Filler
from agent.his.functions import FUNCTIONS, Data, Function

Schema = dict[str, object]


def describe(origin: str) -> Schema:
    """OpenAPI 3.1 of `POST /his/<name>` of the agent at `origin`."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ankang HIS interface of the card agent",
            "version": __version__,
            "description": "docs/reference/his.md explains buffers and return codes.",
        },
        "servers": [{"url": origin}],
        "security": [{"token": []}],
        "paths": {f"/his/{each.name}": {"post": _operation(each)} for each in FUNCTIONS},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The content of his.token in the agent's home.",
                }
            },
            "schemas": {"Refusal": _refusal()},
        },
    }


def _operation(function: Function) -> Schema:
    codes = ", ".join(f"{int(code)} {code.word}" for code in codes_of(function))
    return {
        "operationId": function.name,
        "summary": f"{function.number} {function.title}",
        "description": f"Needs: {', '.join(sorted(function.needs)) or 'nothing'}. Codes: {codes}.",
        "deprecated": function.retired is not None,
        "requestBody": {"content": {"application/json": {"schema": _request(function)}}},
        "responses": {
            "200": {
                "description": "The return code, whatever it is.",
                "content": {"application/json": {"schema": _answer(function)}},
            },
            **{status: _refused(why) for status, why in REFUSALS.items()},
        },
    }


def codes_of(function: Function) -> list[Code]:
    """Every code that the function may answer; a status is a number of its own meaning besides."""
    if function.retired is not None:
        return [function.retired]
    return [Code.OK, *sorted({Code.FIELD_INVALID, *function.codes})]


REFUSALS = {
    "400": "The body is no JSON object.",
    "401": "The local token is missing or wrong.",
    "403": "A browser, another host name, or another user of this computer.",
    "404": "There is no such function.",
    "405": "Another method than POST.",
    "413": "More than 64 KiB.",
    "415": "The content is not application/json.",
}


def _request(function: Function) -> Schema:
    properties: Schema = {
        each.name: {
            "type": "string",
            "maxLength": each.width + 1,
            "description": f"Also called {each.plain}.",
            "example": each.example,
        }
        for each in function.parameters
    }
    required = [each.name for each in function.parameters if each.required]
    if function.data is not None:
        properties |= _data(function.data)
    return {"type": "object", "properties": properties, "required": required}


def _data(data: Data) -> Schema:
    lengths = " or ".join(str(layout.length) for layout in data.layouts)
    layout = data.layouts[0]
    named: Schema = {
        "type": "object",
        "properties": {field.name: _field(field) for field in layout.fields if _shown(field)},
    }
    times = f", up to {data.most} times" if data.most > 1 else ""
    return {
        WRITTEN: {
            "type": "string",
            "description": f"{lengths} characters{times}; or give `{NAMED}` instead.",
            "example": data.example,
        },
        NAMED: {"type": "array", "items": named} if data.most > 1 else named,
    }


def _answer(function: Function) -> Schema:
    properties: Schema = {
        "api": {"const": function.number},
        "name": {"const": function.name},
        "code": {"type": "integer", "description": "0, or a code of the table."},
        "word": {"type": "string"},
        "message": {"type": "string"},
        "detail": {"type": "object", "description": "`field` where one is wrong."},
        "fields": {"type": "object"},
    }
    if function.buffer is not None:
        shown = {field.name: _field(field) for field in function.buffer.fields if _shown(field)}
        properties |= {
            "buffer": {"type": "string", "format": "byte", "description": _length(function)},
            "pBuffer": {"type": "string", "description": "The buffer as text."},
            "length": {"type": "integer", "example": function.buffer.length},
            "iBufferLen": {"type": "integer", "description": "The same as length."},
            "fields": {"type": "object", "properties": shown},
        }
    return {"type": "object", "properties": properties, "required": ["code", "word", "message"]}


def _length(function: Function) -> str:
    assert function.buffer is not None
    times = " for each order" if function.data is not None and function.data.most > 1 else ""
    return f"{function.buffer.length} bytes{times}, base64."


def _field(field: Field) -> Schema:
    kind = "integer" if isinstance(field, Digits) else "string"
    return {"type": kind, "description": f"{field.width} bytes"}


def _shown(field: Field) -> bool:
    return not isinstance(field, Filler)


def _refused(why: str) -> Schema:
    schema = {"$ref": "#/components/schemas/Refusal"}
    return {"description": why, "content": {"application/json": {"schema": schema}}}


def _refusal() -> Schema:
    texts = {name: {"type": "string"} for name in ("code", "message", "detail")}
    return {
        "type": "object",
        "properties": texts,
        "description": f"Not a return code; those are {', '.join(str(int(c)) for c in MEANINGS)}.",
    }
