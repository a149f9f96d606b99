"""What the log says about a person, in words for that person (FEATURES H5)."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from apps.audit.models import Event
from apps.audit.terms import Action
from apps.core.errors import NotFound
from apps.oversight.lines import Line, with_names
from apps.oversight.whys import whys
from apps.oversight.wording import service_names
from apps.oversight.words import ROLES, words_of

PAGE = 20


@dataclass(frozen=True)
class OwnLine:
    """One access: when it was stands in `line`; who, what and why in words."""

    line: Line
    who: str
    what: str
    why: list[str]


@dataclass(frozen=True)
class OwnPage:
    lines: list[OwnLine]
    next_cursor: str


def find_own(subject: UUID, *, before: str = "") -> OwnPage:
    """A page of the accesses to this person's data, newest first; ValueError for a wrong cursor."""
    events = Event.objects.of_patient(subject).newest_first()
    events = events.exclude(action=Action.SHOW_OWN_LOG)
    if before:
        events = events.before(before)
    found = list(events[: PAGE + 1])
    more, page = len(found) > PAGE, found[:PAGE]
    services, reasons = service_names(), whys(page)
    lines = [_own_line(line, services, reasons[line.event.id]) for line in with_names(page)]
    return OwnPage(lines, page[-1].cursor if more else "")


def fetch_own_event(subject: UUID, number: int) -> Event:
    """One of them; what concerns somebody else is not found."""
    found = Event.objects.of_patient(subject).filter(pk=number).first()
    if found is None:
        raise NotFound(reason="event_of_another_patient")
    return found


def _own_line(line: Line, services: dict[str, str], why: list[str]) -> OwnLine:
    event = line.event
    name = line.actor if settings.NAMES_FOR_PATIENTS else ""
    who = " ".join(part for part in (name, f"({words_of(event.role, *ROLES)})") if part)
    what = event.get_action_display()
    service = services.get(event.service, "")
    if service:
        what = _("{service}: {what}").format(service=service, what=what)
    return OwnLine(line, who, what, why)
