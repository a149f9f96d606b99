"""One event in plain words, its proof, and what its person did before and after."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core.errors import Invalid
from apps.oversight.explanations import explain
from apps.oversight.fetches import fetch_event, fetch_search, find_around
from apps.oversight.models import LogSearch
from apps.oversight.services import following, proving, showing
from apps.oversight.views.searches import AUDITOR
from apps.oversight.wording import facts_of, service_names, tell


def _search_of(request: GuardedRequest) -> LogSearch | None:
    """The search that led here stands in the address by its random id; its purpose counts on."""
    given = request.GET.get("search") or request.POST.get("search")
    if not given:
        return None
    try:
        return fetch_search(UUID(given), by=request.actor)
    except ValueError as error:
        raise Invalid(reason="not_a_search_id") from error


@guard(AUDITOR, Action.SHOW_EVENT)
@require_GET
def show_event(request: GuardedRequest, number: int) -> HttpResponse:
    search = _search_of(request)
    line = fetch_event(number)
    request.patient = line.event.patient
    showing.show_event(shown=line.event, search=search, by=request.actor)
    context = {
        "line": line,
        "sentence": tell(line, services=service_names()),
        "facts": facts_of(line),
        "explanations": explain(line.event),
        "search": search,
    }
    return render(request, "oversight/show_event.html", context)


@guard(AUDITOR, Action.SHOW_EVENT)
@require_GET
def show_around(request: GuardedRequest, number: int) -> HttpResponse:
    """What the same person did in the half hour before and after."""
    search = _search_of(request)
    line = fetch_event(number)
    request.patient = line.event.patient
    showing.show_event(shown=line.event, search=search, page="around", by=request.actor)
    services = service_names()
    around = [(each, tell(each, services=services)) for each in find_around(line.event)]
    context = {"line": line, "around": around, "search": search}
    return render(request, "oversight/show_around.html", context)


@guard(AUDITOR, Action.TAKE_PROOF)
@require_GET
def take_proof(request: GuardedRequest, number: int) -> HttpResponse:
    """The bundle as a file, for the outside verifier (docs/reference/audit-proof.md)."""
    search = _search_of(request)
    line = fetch_event(number)
    request.patient = line.event.patient
    bundle = proving.take_proof(
        of=line.event, purpose=search.purpose if search else "", by=request.actor
    )
    name = f'attachment; filename="proof-{number}.json"'
    dumps = {"ensure_ascii": False, "indent": 2}
    return JsonResponse(bundle, json_dumps_params=dumps, headers={"Content-Disposition": name})


@guard(AUDITOR, Action.SEARCH_LOG)
@require_POST
def follow_event(request: GuardedRequest, number: int) -> HttpResponse:
    """From an event to all events of its patient or of its person: a new search with the same purpose."""
    search = _search_of(request)
    line = fetch_event(number)
    started = following.follow_event(
        line=line, what=request.POST.get("what", ""), search=search, by=request.actor
    )
    return redirect("show_timeline", started.pk)
