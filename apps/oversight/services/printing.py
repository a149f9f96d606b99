"""The answer to a search on paper: every line with the place at which the sealed log holds it."""

from dataclasses import dataclass, replace

from django.db import connection

from apps.audit.actors import Actor
from apps.audit.notes import Checkpoint, checkpoint_of
from apps.audit.proofs import NotProvable, checkpoint_over, places_of
from apps.oversight.lines import Line, with_names
from apps.oversight.models import LogSearch
from apps.oversight.services.searching import record_look
from apps.oversight.whys import whys

MOST = 500  # lines; whoever needs more takes an export


@dataclass(frozen=True)
class PrintedLine:
    """`place` is `shard/index`, empty for an event that the sealer has not come to yet."""

    line: Line
    place: str


@dataclass(frozen=True)
class Sheet:
    lines: list[PrintedLine]
    checkpoints: list[Checkpoint]  # of each shard: size and root that prove the lines
    more: bool


def print_search(*, search: LogSearch, by: Actor) -> Sheet:
    """The events of the search in the order in which they happened, recorded as a look."""
    wanted = search.wanted
    events = list(wanted.events().newest_first()[: MOST + 1])
    more, events = len(events) > MOST, events[:MOST][::-1]
    record_look(
        wanted, purpose=search.purpose, note=search.note, count=len(events), what="print", by=by
    )
    connection.ensure_connection()
    assert connection.connection is not None
    places = places_of(connection.connection, [event.id for event in events])
    reasons = whys(events)
    lines = [
        PrintedLine(replace(line, why=reasons[line.event.id]), _words(places.get(line.event.id)))
        for line in with_names(events)
    ]
    return Sheet(lines, _checkpoints(places), more)


def _words(place: tuple[int, int] | None) -> str:
    return f"{place[0]}/{place[1]}" if place else ""


def _checkpoints(places: dict[int, tuple[int, int]]) -> list[Checkpoint]:
    last: dict[int, int] = {}
    for shard, index in places.values():
        last[shard] = max(index, last.get(shard, 0))
    found = []
    for shard, index in sorted(last.items()):
        try:
            note, _lines = checkpoint_over(connection.connection, shard, index)
        except NotProvable:
            continue
        found.append(checkpoint_of(note))
    return found
