"""The pages that show what operators wrote (manual 1: 健保資訊網服務系統, its tabs and its menu)."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from apps.access.guards import Open, guard
from apps.access.http import GuardedRequest
from apps.cards.handoff import agent_origin
from apps.core.errors import NotFound
from apps.portal import fetches, introductions
from apps.portal.forms import CodeForm
from apps.portal.terms import Board, Shelf


@guard(Open())
@require_GET
def security_notes(request: GuardedRequest) -> HttpResponse:
    context = {"announcements": fetches.find_announcements(Board.SECURITY)}
    return render(request, "portal/security_notes.html", context)


@guard(Open())
@require_GET
def set_up_computer(request: GuardedRequest) -> HttpResponse:
    context = {"agent_origin": agent_origin(request), "cards": introductions.CARDS_OF_READERS}
    return render(request, "portal/set_up_computer.html", context)


@guard(Open())
@require_GET
def questions(request: GuardedRequest) -> HttpResponse:
    return render(request, "portal/questions.html", {"questions": fetches.find_questions()})


@guard(Open())
@require_GET
def for_staff(request: GuardedRequest) -> HttpResponse:
    context = {
        "services": [introductions.introduce(each) for each in fetches.find_services()],
        "setup_url": reverse("set_up_computer"),
    }
    return render(request, "portal/for_staff.html", context)


@guard(Open())
@require_GET
def downloads(request: GuardedRequest) -> HttpResponse:
    documents = list(fetches.find_downloads(Shelf.DOCUMENTS, Shelf.COMPONENT))
    context = _component(request) | {
        "documents": documents,
        "component_offered": any(each.shelf == Shelf.COMPONENT for each in documents),
        "shortcuts": fetches.find_downloads(Shelf.SHORTCUTS),
    }
    return render(request, "portal/downloads.html", context)


@guard(Open())
@require_GET
def download_file(request: GuardedRequest, download_id: UUID) -> HttpResponse:
    """Always as a file to keep: what was uploaded never opens as a page of ours."""
    download = fetches.fetch_download(download_id)
    response = HttpResponse(download.content, content_type="application/octet-stream")
    name = content_disposition_header(as_attachment=True, filename=download.file_name)
    response["Content-Disposition"] = name or "attachment"
    return response


@guard(Open())
@require_GET
def card_component(request: GuardedRequest) -> HttpResponse:
    context = _component(request) | {"downloads": fetches.find_downloads(Shelf.COMPONENT)}
    return render(request, "portal/card_component.html", context)


def _component(request: GuardedRequest) -> dict[str, object]:
    """What both pages say of the card component besides the files themselves."""
    return {
        "agent_origin": agent_origin(request),
        "release_key": settings.AGENT_RELEASE_KEY,
        "demo": settings.DEMO,
    }


@guard(Open())
@require_GET
def contact(request: GuardedRequest) -> HttpResponse:
    return render(request, "portal/contact.html", {"contacts": fetches.find_contacts()})


@guard(Open())
@require_GET
def links(request: GuardedRequest) -> HttpResponse:
    return render(request, "portal/links.html", {"links": fetches.find_links()})


@guard(Open())
@require_GET
def statement(request: GuardedRequest, name: str) -> HttpResponse:
    context = {"statement": fetches.fetch_statement(name)}
    return render(request, "portal/statement.html", context)


@guard(Open())
@require_GET
def look_up_code(request: GuardedRequest) -> HttpResponse:
    """A refusal code in plain words. What is typed wrong is answered beside the field."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    found = None
    if form.is_valid():
        try:
            found = fetches.fetch_code(form.cleaned_data["code"])
        except NotFound as refusal:
            form.add_error("code", f"{refusal.message} {refusal.way_on}")
    return render(request, "portal/look_up_code.html", {"form": form, "found": found})
