"""The review queue: what the rules flagged, and what the auditors make of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core.errors import Invalid, NotFound
from apps.oversight.explanations import explain
from apps.oversight.fetches import (
    fetch_case,
    fetch_event,
    find_cases,
    find_next_case,
    with_people,
)
from apps.oversight.forms import AssignCaseForm, CaseListForm, CloseCaseForm, NoteCaseForm
from apps.oversight.models import ReviewCase
from apps.oversight.policies import may_review
from apps.oversight.services import reviewing
from apps.oversight.views.searches import AUDITOR
from apps.oversight.wording import service_names, tell


@guard(AUDITOR, Action.SHOW_CASE)
@require_GET
def list_cases(request: GuardedRequest) -> HttpResponse:
    form = CaseListForm(request.GET)
    if not form.is_valid():
        raise Invalid(reason="unknown_filter_of_cases")
    found = find_cases(**form.cleaned_data, before=request.GET.get("before", ""), by=request.actor)
    query = request.GET.copy()
    query["before"] = found.next_cursor
    context = {"form": form, "found": found, "older": query.urlencode()}
    return render(request, "oversight/list_cases.html", context)


@guard(AUDITOR, Action.SHOW_CASE)
@require_GET
def show_case(request: GuardedRequest, case_id: UUID) -> HttpResponse:
    case = fetch_case(case_id)
    request.patient = case.patient
    return _show(request, case)


def _show(
    request: GuardedRequest, case: ReviewCase, form: forms.Form | None = None
) -> HttpResponse:
    """The page with one of its forms filled in, if that did not go through: a look in either case."""
    reviewing.show_case(case=case, by=request.actor)
    bound = {"form": form} if form else {}
    context: dict[str, Any] = {
        "line": with_people([case])[0],
        "notes": case.notes.select_related("by"),
        "reviewers": [each for each in reviewing.find_reviewers() if each.pk != case.person],
        "may_review": may_review(case, request.actor),
        "note_form": form if isinstance(form, NoteCaseForm) else NoteCaseForm(auto_id="note_%s"),
        "close_form": form
        if isinstance(form, CloseCaseForm)
        else CloseCaseForm(auto_id="close_%s"),
        "next_case": find_next_case(case),
        **_event_of(case),
        **bound,
    }
    return render(request, "oversight/show_case.html", context, status=400 if form else 200)


def _event_of(case: ReviewCase) -> dict[str, Any]:
    """The event that shows it best; its month may have been retired."""
    try:
        line = fetch_event(case.event or 0)
    except NotFound:
        return {}
    sentence = tell(line, services=service_names())
    return {"event": line, "sentence": sentence, "explanations": explain(line.event)}


@guard(AUDITOR, Action.ASSIGN_CASE)
@require_POST
def assign_case(request: GuardedRequest, case_id: UUID) -> HttpResponse:
    case = fetch_case(case_id)
    request.patient = case.patient
    form = AssignCaseForm(request.POST)
    if not form.is_valid():
        return _show(request, case, form)
    reviewing.assign_case(case=case, to=form.cleaned_data["to"], by=request.actor)
    messages.success(request, _("The case is assigned."))
    return redirect("show_case", case.pk)


@guard(AUDITOR, Action.NOTE_CASE)
@require_POST
def note_case(request: GuardedRequest, case_id: UUID) -> HttpResponse:
    case = fetch_case(case_id)
    request.patient = case.patient
    form = NoteCaseForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return _show(request, case, form)
    reviewing.note_case(case=case, text=form.cleaned_data["text"], by=request.actor)
    messages.success(request, _("The note is kept."))
    return redirect("show_case", case.pk)


@guard(AUDITOR, Action.CLOSE_CASE)
@require_POST
def close_case(request: GuardedRequest, case_id: UUID) -> HttpResponse:
    case = fetch_case(case_id)
    request.patient = case.patient
    form = CloseCaseForm(request.POST, auto_id="close_%s")
    if not form.is_valid():
        return _show(request, case, form)
    reviewing.close_case(case=case, **form.cleaned_data, by=request.actor)
    messages.success(request, _("The case is closed."))
    return redirect("show_case", case.pk)
