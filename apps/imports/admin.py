"""Imports in the back office: upload, progress, errors, publish, cancel.

The site's guard admits operators only and records each page (config.backoffice).
"""

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.http import PersonRequest
from apps.core.backoffice import OperatorAdmin, waits
from apps.core.errors import Invalid
from apps.imports.fetches import error_rows, fetch_import, fetch_page
from apps.imports.forms import UploadForm
from apps.imports.kinds import all_kinds
from apps.imports.models import ImportRun
from apps.imports.services import cancel_import, publish_import, start_import
from apps.imports.tasks import enqueue
from apps.imports.terms import ErrorMode, RunState


@waits(
    _("Checked files to publish"),
    "admin:imports_importrun_changelist",
    f"state__exact={RunState.CHECKED}",
)
def count_checked() -> int:
    return ImportRun.objects.filter(state=RunState.CHECKED).count()


def upload_import(request: PersonRequest) -> HttpResponse:
    """A file comes in; what is wrong with its lines stands on the next page."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            run = start_import(
                kind=form.cleaned_data["kind"],
                file_name=upload.name,
                pieces=upload.chunks(),
                mode=ErrorMode(form.cleaned_data["mode"]),
                publish_at_once=form.cleaned_data["publish_at_once"],
                by=request.actor,
            )
        except Invalid as refusal:
            form.add_error("file", f"{refusal.message} [{refusal.code}]")
        else:
            transaction.on_commit(lambda: enqueue(run.pk))
            return redirect("admin:show_import", run.pk)
    context = {"form": form, "kinds": all_kinds()}
    return render(
        request, "imports/upload_import.html", context, status=400 if form.errors else 200
    )


def show_import(request: PersonRequest, run_id: UUID) -> HttpResponse:
    return render(request, "imports/show_import.html", {"shown": fetch_page(run_id)})


def watch_import(request: PersonRequest, run_id: UUID) -> HttpResponse:
    """The part of the page that changes while a worker is at the file (htmx)."""
    return render(request, "imports/progress.html", {"shown": fetch_page(run_id)})


# It repeats what show_import recorded every two seconds, and shows counts only.
watch_import.unrecorded = True  # type: ignore[attr-defined]


def publish(request: PersonRequest, run_id: UUID) -> HttpResponse:
    run = publish_import(run=run_id, by=request.actor)
    transaction.on_commit(lambda: enqueue(run.pk))
    messages.success(request, _("The good lines will be published now."))
    return redirect("admin:show_import", run.pk)


def cancel(request: PersonRequest, run_id: UUID) -> HttpResponse:
    run = cancel_import(run=run_id, by=request.actor)
    messages.success(request, _("The import is cancelled; nothing was published."))
    return redirect("admin:show_import", run.pk)


def download_errors(request: PersonRequest, run_id: UUID) -> StreamingHttpResponse:
    """All errors as CSV, with the mark by which Excel knows UTF-8."""
    run = fetch_import(run_id)
    head = tuple(map(str, (_("Line"), _("Column"), _("Code"), _("Message"))))
    answer = StreamingHttpResponse(
        _as_csv(head, error_rows(run)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="errors-{run.pk}.csv"'
    return answer


class _Echo:
    """What csv.writer writes is what `writerow` returns."""

    def write(self, text: str) -> str:
        return text


def _as_csv(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + str(writer.writerow(head))
    for row in rows:
        yield str(writer.writerow(row))


@admin.register(ImportRun)
class ImportRunAdmin(OperatorAdmin):
    list_display = ["file_name", "kind_label", "state", "lines", "bad_lines", "published_lines"]
    list_display += ["started_by", "created_at"]
    list_filter = ["state", "mode"]
    list_select_related = ["started_by"]
    change_list_template = "imports/change_list.html"

    @admin.display(description=_("kind of file"), ordering="kind")
    def kind_label(self, run: ImportRun) -> str:
        return str(run.label)

    def get_urls(self) -> list[URLPattern]:
        routes = [
            path(
                "upload/",
                require_http_methods(["GET", "POST"])(upload_import),
                name="upload_import",
            ),
            path("<uuid:run_id>/", require_GET(show_import), name="show_import"),
            path("<uuid:run_id>/progress/", require_GET(watch_import), name="watch_import"),
            path("<uuid:run_id>/publish/", require_POST(publish), name="publish_import"),
            path("<uuid:run_id>/cancel/", require_POST(cancel), name="cancel_import"),
            path(
                "<uuid:run_id>/errors.csv",
                require_GET(download_errors),
                name="download_import_errors",
            ),
        ]
        for route in routes:
            route.callback = self.admin_site.admin_view(route.callback)
        return [*routes, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of the run itself, instead of the admin's list of its columns."""
        run = self.get_object(request, object_id)
        if run is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect(reverse("admin:show_import", args=[run.pk]))
