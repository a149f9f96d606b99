"""Exports: asked for from a search, watched, fetched; and a token for an auditor's program (FHIR)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core.errors import Gone, Invalid
from apps.oversight.fetches import fetch_export, fetch_search, find_exports
from apps.oversight.services import exporting
from apps.oversight.tasks import enqueue_export
from apps.oversight.terms import ExportKind, ExportState
from apps.oversight.views.searches import AUDITOR
from apps.workstations.tokens import issue_session_token


@guard(AUDITOR, Action.EXPORT_LOG)
@require_POST
def export_search(request: GuardedRequest, search_id: UUID) -> HttpResponse:
    search = fetch_search(search_id, by=request.actor)
    kind = request.POST.get("kind", "")
    if kind not in ExportKind.values:
        raise Invalid(reason="unknown_kind_of_export")
    asked = exporting.ask_export(
        search=search, kind=kind, language=request.LANGUAGE_CODE or "zh-hant", by=request.actor
    )
    transaction.on_commit(lambda: enqueue_export(asked.pk))
    return redirect("list_exports")


@guard(AUDITOR, Action.EXPORT_LOG)
@require_GET
def list_exports(request: GuardedRequest) -> HttpResponse:
    """One's own of the last days, with how far each is; htmx asks again while one is being written."""
    listed = [(each, exporting.progress(each)) for each in find_exports(by=request.actor)]
    context = {
        "exports": listed,
        "under_way": any(each.is_under_way for each, _ in listed),
    }
    page = "exports_table" if request.htmx else "list_exports"
    return render(request, f"oversight/{page}.html", context)


@guard(AUDITOR, Action.DOWNLOAD_EXPORT)
@require_GET
def download_export(request: GuardedRequest, export_id: UUID) -> HttpResponse:
    export = fetch_export(export_id, by=request.actor)
    request.patient = export.wanted.patient
    if export.state != ExportState.DONE or not export.path.exists():
        raise Gone(code="LOG-EXPORT", reason="export_not_there")
    exporting.fetch_export_file(export=export, by=request.actor)
    name = f"access-log-{export.made_at:%Y%m%d-%H%M}{export.path.suffix}"
    file: Any = FileResponse(export.path.open("rb"), as_attachment=True, filename=name)
    return file


@guard(AUDITOR, Action.ISSUE_TOKEN)
@require_POST
def issue_log_token(request: GuardedRequest) -> HttpResponse:
    """For an auditor's program on /fhir/AuditEvent; shown once, ends with the session."""
    token = issue_session_token(by=request.actor)
    listed = [(each, exporting.progress(each)) for each in find_exports(by=request.actor)]
    under_way = any(each.is_under_way for each, _ in listed)
    context = {"exports": listed, "under_way": under_way, "token": token}
    return render(request, "oversight/list_exports.html", context)
