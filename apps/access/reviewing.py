"""Editing in the back office where a second operator must publish (FEATURES A14)."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from apps.access.models import Proposal
from apps.access.services.proposals import propose_change, propose_removal
from apps.audit.backoffice import EditableAdmin

if TYPE_CHECKING:
    from django.forms import ModelForm


class ReviewedAdmin(EditableAdmin):
    """Add, change and delete make a draft; the page of the draft shows what it would do.

    A record whose change waits leads there instead of to its form: nobody drafts over a draft.
    """

    change_form_template = "admin/access/draft_change.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What cannot be changed stands first: it says which record this is."""
        fields = super().get_fields(request, obj)
        fixed = [name for name in self.get_readonly_fields(request, obj) if name in fields]
        return fixed + [name for name in fields if name not in fixed]

    def save_model(
        self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool
    ) -> None:
        made = propose_change(record=obj, by=request.actor)  # type: ignore[attr-defined]
        request.proposal = made  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        made = propose_removal(record=obj, by=request.actor)  # type: ignore[attr-defined]
        request.proposal = made  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        return self._drafted(request)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._drafted(request)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        return self._drafted(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return self._waiting(request, object_id) or super().changeform_view(
            request, object_id, form_url, extra_context
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return self._waiting(request, object_id) or super().delete_view(
            request, object_id, extra_context
        )

    def _waiting(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        if object_id is None or not self.has_change_permission(request):
            return None
        drafted = Proposal.objects.waiting().about(self.opts.label_lower, object_id).first()
        if drafted is None:
            return None
        messages.warning(request, _("A change of this record waits to be published."))
        return redirect("admin:access_proposal_change", drafted.pk)

    def _drafted(self, request: HttpRequest) -> HttpResponse:
        made: Proposal | None = request.proposal  # type: ignore[attr-defined]
        if made is None:
            messages.info(request, _("Nothing was different, so nothing was changed."))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        messages.success(request, _("Drafted. A second operator publishes it."))
        return redirect("admin:access_proposal_change", made.pk)
