"""What a HIS program passes to a function, by the function's own names or by plain ones."""

from collections.abc import Mapping

from agent.his.codes import Code, HisError
from agent.his.functions import Function, Parameter

# Of the control software's signatures: where the answer goes. JSON has no use for them.
OUTPUTS = frozenset({"pBuffer", "iBufferLen", "pBufferDocID"})
PADDING = "\0 "


def read_arguments(function: Function, body: Mapping[str, object]) -> dict[str, str]:
    """The parameters by their plain names, without the blank or NUL that C programs end them with.

    Raises HisError that names the field: unknown, missing, too long, no text.
    """
    known = {name: each for each in function.parameters for name in (each.name, each.plain)}
    for name in body:
        if name not in known and name not in OUTPUTS:
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
