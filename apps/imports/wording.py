"""From the code of a fault to its sentence."""

from django.utils.functional import Promise

from apps.identities import numbers
from apps.imports.terms import Fault

_NUMBER_FAULTS: dict[str, str | Promise] = {
    fault.code: fault.message
    for fault in (
        numbers.FullWidthNumber,
        numbers.WrongLength,
        numbers.WrongShape,
        numbers.WrongChecksum,
    )
}


def fault_message(code: str) -> str | Promise:
    """The sentence for a code, the code itself for one of another version of the program."""
    if code in _NUMBER_FAULTS:
        return _NUMBER_FAULTS[code]
    return Fault(code).label if code in Fault.values else code
