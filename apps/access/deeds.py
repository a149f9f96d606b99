"""Forms below a read-only page of the back office, each of which calls one service.

The service writes its own access event; a refusal becomes a message on the page that it was asked
from, and is recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.views.decorators.http import require_POST

from apps.access.forms import PersonForm
from apps.access.guards import record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core.backoffice import OperatorAdmin
from apps.core.errors import Refusal


@dataclass(frozen=True)
class Deed:
    """What an operator can do to one object. `name` is the URL name and the button's data-action."""

    name: str
    label: str | Promise
    service: Callable[..., Any]
    action: Action
    done: str | Promise
    form: type[Form] = Form
    offered: Callable[[Any], bool] = lambda shown: True
    # What a worker does afterwards, enqueued once the service has committed.
    afterwards: Callable[[], None] = lambda: None

    def run(self, form: Form, target: dict[str, UUID], request: GuardedRequest) -> None:
        """Calls the service with what the valid form says. Raises its refusals."""
        values = {"details": form.details()} if isinstance(form, PersonForm) else form.cleaned_data
        self.service(**target, **values, by=request.actor)


class DeedAdmin(OperatorAdmin):
    """`deeds` are offered on the object's page; `target` is the services' name for its id."""

    target = ""
    deeds: tuple[Deed, ...] = ()
    change_form_template = "admin/access/deeds.html"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<uuid:object_id>/{deed.name.replace('_', '-')}/",
                self.admin_site.admin_view(self._view(deed)),
                name=deed.name,
            )
            for deed in self.deeds
        ]
        return own + super().get_urls()

    def _view(self, deed: Deed) -> Callable[..., HttpResponse]:
        @require_POST
        def view(request: GuardedRequest, object_id: UUID) -> HttpResponse:
            self._do(deed, request, object_id)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

        return view

    def _do(self, deed: Deed, request: GuardedRequest, object_id: UUID) -> None:
        form = deed.form(request.POST, prefix=deed.name)
        if not form.is_valid():
            wrong = [str(message) for each in form.errors.values() for message in each]
            messages.error(request, " ".join(wrong))
            return
        try:
            deed.run(form, {self.target: object_id}, request)
        except Refusal as refusal:
            record_refusal(request, refusal, action=deed.action)
            messages.error(request, f"{refusal.message} {refusal.way_on} [{refusal.code}]")
        else:
            messages.success(request, str(deed.done))
            deed.afterwards()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = self.get_object(request, object_id)
        deeds = [
            (deed, f"admin:{deed.name}", deed.form(prefix=deed.name))
            for deed in self.deeds
            if shown is not None and deed.offered(shown)
        ]
        context = {"deeds": deeds, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)
