"""The first glance above the tabs: allergies, controlled drugs, present medicines (FEATURES F8)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.emergency.cases import Case
from apps.emergency.registry import EmergencyTab
from apps.queries.answers import Answer
from apps.queries.providers import ask
from apps.queries.terms import AnswerState

NAME = "first_glance"


def _with(what: str, *more: str) -> str:
    """`iohexol（重度，蕁麻疹）`, in the brackets of the language."""
    told = gettext(", ").join(part for part in more if part)
    return gettext("%(what)s (%(more)s)") % {"what": what, "more": told} if told else what


def _allergy(row: Any) -> str:
    return _with(row.ingredient, row.get_severity_display(), row.symptoms)


def _controlled(row: Any) -> str:
    return _with(row.ingredient or row.name, row.get_schedule_display())


def _medicine(row: Any) -> str:
    return str(row.record.ingredient or row.record.name)


@dataclass(frozen=True)
class Part:
    """`keep` chooses the rows that belong to the glance, `text` says one in a few words."""

    tab: str
    label: str | Promise
    empty: str | Promise
    text: Callable[[Any], str]
    keep: Callable[[Any], bool] = lambda row: True


PARTS = (
    Part("allergies", _("Allergies"), _("none uploaded"), _allergy),
    Part("controlled_drugs", _("Controlled drugs given"), _("none known"), _controlled),
    Part(
        "cloud_medication",
        _("Present medicines"),
        _("none with days left"),
        _medicine,
        lambda row: row.days_left > 0,
    ),
)


@dataclass(frozen=True)
class Line:
    """`items`: text and marks of each row that counts, each text once."""

    part: Part
    tab: EmergencyTab
    answer: Answer[Any]
    items: tuple[tuple[str, str], ...]


def look(case: Case) -> list[Line]:
    """Asks the tabs of this profession for what matters first; a source that fails says so."""
    shown = {tab.name: tab for tab in case.tabs}
    lines = []
    for part in PARTS:
        if part.tab not in shown:
            continue
        tab = shown[part.tab]
        answer = ask(tab.source(), case.question(tab))
        lines.append(Line(part, tab, answer, _items(part, answer)))
    return lines


def _items(part: Part, answer: Answer[Any]) -> tuple[tuple[str, str], ...]:
    found: dict[str, list[str]] = {}
    for row in answer.rows:
        if part.keep(row):
            marks = found.setdefault(part.text(row), [])
            marks += [str(mark.label) for mark in getattr(row, "marks", ())]
    return tuple((text, "、".join(dict.fromkeys(marks))) for text, marks in found.items())


def together(lines: list[Line]) -> Answer[Any]:
    """The glance as one answer, for its one event."""
    failed = [line for line in lines if line.answer.failed]
    state = AnswerState.COMPLETE
    if failed or any(line.answer.partial for line in lines):
        state = AnswerState.FAILED if len(failed) == len(lines) else AnswerState.PARTIAL
    return Answer(
        rows=tuple(row for line in lines for row in line.answer.rows),
        state=state,
        missing=tuple(name for line in lines for name in line.answer.missing),
        reason=next((line.answer.reason for line in lines if line.answer.reason), ""),
    )
