"""Warnings of /readyz that apps above the portal bring: a name, and whether there is something to say."""

from collections.abc import Callable

Alarm = Callable[[], bool]
_alarms: dict[str, Alarm] = {}


def alarm(name: str) -> Callable[[Alarm], Alarm]:
    """`@alarm("audit_gap")` above a function that returns True when the operators should look."""

    def register(check: Alarm) -> Alarm:
        _alarms[name] = check
        return check

    return register


def raised() -> list[str]:
    """The names of those that have something to say."""
    return [name for name, check in _alarms.items() if check()]
