"""The auditors' list of access events, and the managers' of their own institution."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.guards import Holds, Manages, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import SessionRole
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.oversight.forms import OwnLogForm, SearchLogForm
from apps.oversight.services import Found, search_events


@guard(Holds(SessionRole.AUDITOR), Action.SEARCH_LOG)
@require_GET
def search_log(request: GuardedRequest) -> HttpResponse:
    """Who did what, when, where and with which result; looking is an event itself."""
    return _show(request, SearchLogForm(request.GET))


@guard(Manages(), Action.SEARCH_LOG)
@require_GET
def search_own_log(request: GuardedRequest) -> HttpResponse:
    """What was done at the manager's institution, and nowhere else (FEATURES H5)."""
    record_of_session = request.session.record
    assert record_of_session is not None  # behind Manages
    return _show(request, OwnLogForm(request.GET), institution=record_of_session.institution_code)


def _show(request: GuardedRequest, form: OwnLogForm, **fixed: str) -> HttpResponse:
    found = Found([], "")
    if form.is_valid():
        wanted = form.cleaned_data | fixed
        found = search_events(**wanted, before=request.GET.get("before", ""))
        searched = {name: value for name, value in wanted.items() if value}
        record(
            event(
                Action.SEARCH_LOG,
                by=request.actor,
                result_count=len(found.lines),
                detail={"query": ",".join(f"{k}={v}" for k, v in searched.items())},
            )
        )
    query = request.GET.copy()
    query["before"] = found.next_cursor
    context = {"form": form, "found": found, "older": query.urlencode()}
    return render(
        request, "oversight/search_log.html", context, status=200 if form.is_valid() else 400
    )
