"""The eleven tabs, on the page and on paper (manual 3, 四(三) and (四))."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.cards.handoff import SeeOther
from apps.core.errors import NotFound
from apps.emergency.cases import Case
from apps.emergency.chronic import TABLE, ChronicPart, chronic_lines, remaining_days
from apps.emergency.fetches import fetch_open_case, fetch_tab
from apps.emergency.medicines import Medicine
from apps.emergency.refusals import TabNotShown
from apps.emergency.registry import EmergencyTab
from apps.emergency.sorting import headings, sort_rows
from apps.emergency.views.asking import USES
from apps.queries.answers import Answer
from apps.queries.asking import page_of, printed_by
from apps.queries.services import show_answer

MEDICATION = "cloud_medication"


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def open_emergency_tabs(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """To the first tab that the profession sees."""
    case = fetch_open_case(request, query_id)
    if not case.tabs:
        raise TabNotShown(reason="no_tab_for_profession")
    return SeeOther(reverse("show_emergency_tab", args=[query_id, case.tabs[0].name]))


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def show_emergency_tab(request: GuardedRequest, query_id: UUID, tab: str) -> HttpResponse:
    """One tab; htmx takes the records' part of the page alone."""
    case = fetch_open_case(request, query_id)
    shown = fetch_tab(case, tab)
    answer = _ask(request, case, shown, tab=shown.name)
    context = _page(case, shown, answer) | _narrowed(request, shown, answer)
    return _render(request, "emergency/show_emergency_tab.html", context)


@guard(USES, Action.PRINT_RECORDS)
@require_GET
def print_emergency_tab(request: GuardedRequest, query_id: UUID, tab: str) -> HttpResponse:
    """The tab on paper as it is narrowed and sorted, with who printed it and when."""
    case = fetch_open_case(request, query_id)
    shown = fetch_tab(case, tab)
    answer = _ask(request, case, shown, tab=shown.name, action=Action.PRINT_RECORDS)
    context = _page(case, shown, answer) | _narrowed(request, shown, answer)
    return render(
        request, "emergency/print_emergency_tab.html", context | {"printed": printed_by(request)}
    )


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def show_chronic(request: GuardedRequest, query_id: UUID, part: str) -> HttpResponse:
    """One of the three sub-tabs of the prescriptions for chronic illness."""
    if part not in ChronicPart.values:
        raise NotFound(reason="no_such_part")
    case = fetch_open_case(request, query_id)
    shown = fetch_tab(case, MEDICATION)
    context: dict[str, Any] = _page(case, shown, Answer())
    context |= {"part": part, "parts": list(ChronicPart), "table": TABLE}
    if part != ChronicPart.EXPLANATION:
        answer = _ask(request, case, shown, tab=f"chronic_{part}")
        context |= _chronic(request, case, part, answer)
    return _render(request, "emergency/show_chronic.html", context)


def _chronic(
    request: GuardedRequest, case: Case, part: str, answer: Answer[Medicine]
) -> dict[str, Any]:
    today = case.today
    valid, expired = chronic_lines(answer.rows, on=today)
    lines = valid if part == ChronicPart.VALID else expired
    prescriptions = [line.medicine.prescription for line in lines if line.number]
    wanted = request.GET.get("prescription", "")
    cells = zip(lines, TABLE.lines(lines), strict=True)
    found: dict[str, Any] = {"answer": answer, "lines": list(cells), "today": today}
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted) <= len(prescriptions):
        found["remaining"] = remaining_days(
            answer.rows, prescription=prescriptions[int(wanted) - 1], on=today
        )
    return found


def _ask(
    request: GuardedRequest,
    case: Case,
    shown: EmergencyTab,
    *,
    tab: str,
    action: Action = Action.QUERY_RECORDS,
) -> Answer[Any]:
    """The answer, recorded before anybody sees it: one event per patient and tab."""
    return show_answer(
        query=case.query,
        tab=tab,
        source=shown.source(),
        question=case.question(shown),
        action=action,
        decision=request.decision,
        by=request.actor,
    )


def _page(case: Case, shown: EmergencyTab, answer: Answer[Any]) -> dict[str, Any]:
    return page_of(
        case.query,
        case=case,
        tab=shown,
        tabs=case.tabs,
        answer=answer,
        since=shown.since(case.today),
        notices=case.notices(shown),
        empty=case.empty(shown),
    )


def _narrowed(request: GuardedRequest, shown: EmergencyTab, answer: Answer[Any]) -> dict[str, Any]:
    """The rows that the reader's filters keep, as the reader sorts them."""
    form = shown.filters(request.GET or None).offer(answer.rows)
    rows = sort_rows(shown, form.keep(answer.rows), request.GET.get("sort", ""))
    return {
        "form": form,
        "rows": rows,
        "headings": headings(shown, request.GET),
        "sorted_by": request.GET.get("sort", ""),
        "chosen": request.GET.urlencode(),
    }


def _render(request: GuardedRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, 400 when a filter is wrong; for htmx the part below the first glance, which
    htmx takes in only as 200.
    """
    wants_part = request.htmx and not request.htmx.history_restore_request
    context["frame"] = "emergency/part.html" if wants_part else "emergency/page.html"
    form = context.get("form")
    wrong = bool(form and form.errors) and not wants_part
    return render(request, template, context, status=400 if wrong else 200)
