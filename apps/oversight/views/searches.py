"""Auditors search the access log."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Holds, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import SessionRole
from apps.audit.terms import Action
from apps.oversight.fetches import fetch_saved, fetch_search, find_saved
from apps.oversight.forms import PurposeForm, SaveSearchForm, SearchLogForm
from apps.oversight.models import LogSearch
from apps.oversight.refusals import NameTaken
from apps.oversight.services import printing, searching
from apps.oversight.services.searching import Found
from apps.oversight.summaries import chart_of_days, summarize
from apps.queries.asking import printed_by

AUDITOR = Holds(SessionRole.AUDITOR)


@guard(AUDITOR, Action.SEARCH_LOG)
@require_http_methods(["GET", "POST"])
def search_log(request: GuardedRequest) -> HttpResponse:
    """The form, and the newest events below it. A search is posted, so that no number stands in a URL."""
    if request.method == "POST":
        return _start(request)
    if request.GET:  # an address made by hand: the form is filled in, and nothing is shown yet
        return _show_form(request, SearchLogForm(initial=request.GET.dict()), None)
    return _show_form(request, SearchLogForm(), searching.show_latest(by=request.actor))


def _start(request: GuardedRequest) -> HttpResponse:
    form = SearchLogForm(request.POST)
    if not form.is_valid():
        return _show_form(request, form, None, status=400)
    search = searching.start_search(
        criteria=form.criteria(),
        labels=form.labels,
        purpose=form.cleaned_data["purpose"],
        note=form.cleaned_data["note"],
        by=request.actor,
    )
    return redirect("show_search", search.pk)


def _show_form(
    request: GuardedRequest, form: SearchLogForm, found: Found | None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "found": found, "saved": find_saved(by=request.actor)}
    return render(request, "oversight/search_log.html", context, status=status)


@guard(AUDITOR, Action.SEARCH_LOG)
@require_GET
def show_search(request: GuardedRequest, search_id: UUID) -> HttpResponse:
    """What a search found, a page at a time; of one person or patient, who did how much first."""
    search = fetch_search(search_id, by=request.actor)
    request.patient = search.wanted.patient
    found = searching.show_page(
        search=search, before=request.GET.get("before", ""), by=request.actor
    )
    return _show_found(request, search, found, SaveSearchForm())


def _show_found(
    request: GuardedRequest,
    search: LogSearch,
    found: Found,
    form: SaveSearchForm,
    *,
    status: int = 200,
) -> HttpResponse:
    first_page = not request.GET.get("before")
    context: dict[str, Any] = {
        "search": search,
        "found": found,
        "form": form,
        **(_figures(search) if first_page and search.wanted.is_narrow else {}),
    }
    return render(request, "oversight/show_search.html", context, status=status)


def _figures(search: LogSearch) -> dict[str, Any]:
    """Who did how much, and on which days: of one person, patient or institution only."""
    return {"summary": summarize(search.wanted), "chart": chart_of_days(search.wanted)}


@guard(AUDITOR, Action.SEARCH_LOG)
@require_GET
def print_search(request: GuardedRequest, search_id: UUID) -> HttpResponse:
    """The answer on paper, each line with its place in the sealed log."""
    search = fetch_search(search_id, by=request.actor)
    request.patient = search.wanted.patient
    sheet = printing.print_search(search=search, by=request.actor)
    context = {"search": search, "sheet": sheet, "printed": printed_by(request)}
    return render(request, "oversight/print_search.html", context)


@guard(AUDITOR, Action.SAVE_SEARCH)
@require_POST
def save_search(request: GuardedRequest, search_id: UUID) -> HttpResponse:
    """Kept for later; with a wrong name the page comes again, and showing it is a look like any other."""
    search = fetch_search(search_id, by=request.actor)
    request.patient = search.wanted.patient
    form = SaveSearchForm(request.POST)
    if form.is_valid():
        try:
            searching.save_search(search=search, name=form.cleaned_data["name"], by=request.actor)
        except NameTaken as refusal:
            form.add_error("name", f"{refusal.message} {refusal.way_on} [{refusal.code}]")
        else:
            messages.success(request, _("The search is saved."))
            return redirect("show_search", search.pk)
    found = searching.show_page(search=search, by=request.actor)
    return _show_found(request, search, found, form, status=400)


@guard(AUDITOR, Action.SEARCH_LOG)
@require_http_methods(["GET", "POST"])
def repeat_search(request: GuardedRequest, saved_id: UUID) -> HttpResponse:
    """A saved search asks for today's purpose and goes on."""
    saved = fetch_saved(saved_id, by=request.actor)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        search = searching.repeat_search(saved=saved, **form.cleaned_data, by=request.actor)
        return redirect("show_search", search.pk)
    status = 400 if form.errors else 200
    context = {"form": form, "saved": saved}
    return render(request, "oversight/repeat_search.html", context, status=status)


@guard(AUDITOR, Action.REMOVE_SEARCH)
@require_POST
def remove_search(request: GuardedRequest, saved_id: UUID) -> HttpResponse:
    saved = fetch_saved(saved_id, by=request.actor)
    searching.remove_search(saved=saved, by=request.actor)
    messages.success(request, _("The saved search was removed."))
    return redirect("search_log")
