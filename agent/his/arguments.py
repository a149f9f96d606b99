"""What a HIS program passes to a function, by the function's own names or by plain ones."""

from collections.abc import Mapping

from agent.his.codes import Code, HisError
from agent.his.fields import FieldError, Record
from agent.his.functions import Data, Function, Parameter

# Of the control software's signatures: where the answer goes. JSON has no use for them.
OUTPUTS = frozenset({"pBuffer", "iBufferLen", "pBufferDocID"})
PADDING = "\0 "
WRITTEN, NAMED = "pDataWrite", "fields"


def read_arguments(function: Function, body: Mapping[str, object]) -> dict[str, str]:
    """The parameters by their plain names, without the blank or NUL that C programs end them with.

    Raises HisError that names the field: unknown, missing, too long, no text.
    """
    known = {name: each for each in function.parameters for name in (each.name, each.plain)}
    for name in body:
        data = function.data is not None and name in {WRITTEN, NAMED}
        if name not in known and name not in OUTPUTS and not data:
            raise HisError(Code.FIELD_INVALID, field=name)
    return {each.plain: _value(each, body) for each in function.parameters}


def _value(parameter: Parameter, body: Mapping[str, object]) -> str:
    given = body.get(parameter.name, body.get(parameter.plain))
    if given is None:
        if parameter.required:
            raise HisError(Code.FIELD_INVALID, field=parameter.name)
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise HisError(Code.FIELD_INVALID, field=parameter.name)
    text = str(given).rstrip(PADDING)
    if len(text.encode("utf-8")) > parameter.width or (parameter.required and not text):
        raise HisError(Code.FIELD_INVALID, field=parameter.name)
    return text


def read_records(data: Data, body: Mapping[str, object]) -> tuple[Record, list[bytes]]:
    """The records of a write in their layout, from `pDataWrite` or from `fields`.

    A C program ends its text with a NUL, others with a blank: one more character does not count,
    and blanks that are missing on the right are put there. Raises HisError that names the field.
    """
    given, named = body.get(WRITTEN), body.get(NAMED)
    if isinstance(given, str):
        layout, written = _layout(data, given)
        size = layout.length
        records = [written[start : start + size] for start in range(0, len(written), size)]
        return layout, records
    if named is None or given is not None:
        raise HisError(Code.FIELD_INVALID, field=WRITTEN)
    listed = named if isinstance(named, list) and data.most > 1 else [named]
    if not 1 <= len(listed) <= data.most:
        raise HisError(Code.FIELD_INVALID, field=NAMED)
    return data.layouts[0], [_pack(data.layouts[0], each) for each in listed]


def unpack(layout: Record, record: bytes) -> dict[str, object]:
    """Raises HisError that names the field."""
    try:
        return layout.unpack(record)
    except FieldError as error:
        raise HisError(Code.FIELD_INVALID, field=error.field) from None


def _pack(layout: Record, values: object) -> bytes:
    if not isinstance(values, dict) or set(values) - set(layout.names):
        raise HisError(Code.FIELD_INVALID, field=NAMED)
    try:
        return layout.pack(dict.fromkeys(layout.names, "") | values)
    except FieldError as error:
        raise HisError(Code.FIELD_INVALID, field=error.field) from None


def _layout(data: Data, text: str) -> tuple[Record, bytes]:
    """The layout that the text's length fits, and its bytes: all of them ASCII."""
    text = text.rstrip("\0")
    if not text.isascii() or not text.strip():
        raise HisError(Code.FIELD_INVALID, field=WRITTEN)
    for layout in sorted(data.layouts, key=lambda each: each.length):
        records = max(1, (len(text) + layout.length - 2) // layout.length)
        length = records * layout.length
        if records <= data.most and len(text) <= length + 1 and not text[length:].strip():
            return layout, text[:length].ljust(length).encode("ascii")
    raise HisError(Code.FIELD_INVALID, field=WRITTEN)
