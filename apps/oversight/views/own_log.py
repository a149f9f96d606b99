"""The institution's own access log, for its managers: filters, pages, CSV (FEATURES H5)."""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Manages, guard
from apps.access.http import GuardedRequest, own_institution
from apps.audit.terms import Action
from apps.core.exports import stream_csv
from apps.oversight.criteria import Criteria
from apps.oversight.fetches import fetch_own_search
from apps.oversight.models import LogSearch
from apps.oversight.own_log_forms import OwnLogForm
from apps.oversight.services import own_log
from apps.oversight.services.searching import start_search
from apps.oversight.terms import SearchPurpose

COLUMNS = (
    *(_("Time"), _("Who"), _("Role"), _("Service"), _("Action"), _("About whom"), _("Result")),
    *(_("Reason"), _("Card"), _("IP address"), _("Number of the event")),
)


@guard(Manages(), Action.SEARCH_LOG)
@require_http_methods(["GET", "POST"])
def search_own_log(request: GuardedRequest) -> HttpResponse:
    """The last days, without being asked. A search is posted, so that no number stands in a URL."""
    institution = own_institution(request)
    if request.method == "GET":
        form = OwnLogForm(institution=institution)
        return _show(request, form, own_log.last_days(institution))
    form = OwnLogForm(request.POST, institution=institution)
    if not form.is_valid():
        context = {"form": form}
        return render(request, "oversight/search_own_log.html", context, status=400)
    search = start_search(
        criteria=form.criteria(),
        labels=form.labels,
        purpose=SearchPurpose.ROUTINE,
        by=request.actor,
    )
    return redirect("show_own_search", search.pk)


@guard(Manages(), Action.SEARCH_LOG)
@require_GET
def show_own_search(request: GuardedRequest, search_id: UUID) -> HttpResponse:
    """What a search found, a page at a time, below the form that asked for it."""
    search = fetch_own_search(search_id, by=request.actor)
    asked = {name: value for name, value in search.criteria.items() if name != "institution"}
    shown = asked | {"person": search.labels.get("person", "")}
    form = OwnLogForm(initial=shown, institution=own_institution(request))
    return _show(request, form, search.wanted, search=search)


@guard(Manages(), Action.EXPORT_LOG)
@require_POST
def export_own_log(request: GuardedRequest, search_id: UUID | None = None) -> StreamingHttpResponse:
    """All that the search finds, also what stands on further pages."""
    institution = own_institution(request)
    wanted = own_log.last_days(institution)
    if search_id is not None:
        wanted = fetch_own_search(search_id, by=request.actor).wanted
    rows = own_log.export_own_log(wanted=wanted, by=request.actor)
    code = request.session.record.institution_code  # type: ignore[union-attr]  # behind Manages
    name = f"access-log-{code}-{wanted.since:%Y%m%d}-{wanted.until:%Y%m%d}"
    return stream_csv(name, COLUMNS, rows)


def _show(
    request: GuardedRequest,
    form: OwnLogForm,
    wanted: Criteria,
    *,
    search: LogSearch | None = None,
) -> HttpResponse:
    before = request.GET.get("before", "")
    found = own_log.show_own_log(wanted=wanted, before=before, by=request.actor)
    context = {"form": form, "found": found, "search": search}
    return render(request, "oversight/search_own_log.html", context)
