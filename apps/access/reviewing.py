"""Editing in the back office where a second operator must publish (FEATURES A14)."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from apps.access.models import Proposal
from apps.access.revisions import changed_since, mark_of
from apps.access.services.proposals import (
    ChangedSince,
    WaitsAlready,
    propose_change,
    propose_removal,
)
from apps.access.terms import ProposalState
from apps.audit.actors import Actor
from apps.audit.backoffice import EditableAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm

SHOWN_CHANGES = 20


class ReviewedAdmin(EditableAdmin):
    """Add, change and delete make a draft; the page of the draft shows what it would do.

    A record whose change waits leads there instead of to its form: nobody drafts over a draft. A form
    that is overtaken by somebody else's is refused, with what was typed.
    """

    change_form_template = "admin/access/draft_change.html"
    # Whether something new may be published at once and confirmed afterwards (`publish_urgently`).
    urgent = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What cannot be changed stands first: it says which record this is."""
        fields = super().get_fields(request, obj)
        fixed = [name for name in self.get_readonly_fields(request, obj) if name in fields]
        return fixed + [name for name in fields if name not in fixed]

    def save_model(
        self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool
    ) -> None:
        by = request.actor  # type: ignore[attr-defined]
        if self.urgent and not change and "_urgent" in request.POST:
            request.proposal = self.publish_urgently(obj, by=by)  # type: ignore[attr-defined]
        else:
            request.proposal = propose_change(record=obj, by=by)  # type: ignore[attr-defined]

    def publish_urgently(self, record: Any, *, by: Actor) -> Proposal:
        """The service of a kind of record that may be `urgent`."""
        raise NotImplementedError

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        made = propose_removal(record=obj, by=request.actor)  # type: ignore[attr-defined]
        request.proposal = made  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        return self._drafted(request)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._drafted(request)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        return self._drafted(request)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        overtaken = self._overtaken(request, obj)
        if not overtaken:
            return form

        class Overtaken(form):  # type: ignore[misc, valid-type]
            def clean(self) -> Any:
                data = super().clean()
                self.add_error(None, overtaken)
                return data

        return Overtaken

    def _overtaken(self, request: HttpRequest, record: Any) -> str:
        """Why this form can no longer be sent as it is; empty when it can."""
        if request.method != "POST" or record is None:
            return ""
        drafted = self._waiting_draft(str(record.pk))
        if drafted is not None:
            return format_html(
                '{} {} [{}] <a href="{}" data-action="show_waiting_draft">{}</a>',
                *(WaitsAlready.message, WaitsAlready.way_on, WaitsAlready.code),
                reverse("admin:access_proposal_change", args=[drafted.pk]),
                _("Go to the draft that waits"),
            )
        changed = changed_since(request.POST.get("opened", ""), record)
        if not changed:
            return ""
        told = _(
            "Somebody else changed since you opened this page: %(fields)s. What you typed is kept;"
            " compare it with what holds now before you send it again."
        )
        names = pgettext("between the parts of a list", ", ").join(changed)
        return f"{told % {'fields': names}} [{ChangedSince.code}]"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["urgent"] = self.urgent and kwargs.get("add", False)
        record = kwargs.get("obj")
        stored = record and type(record)._base_manager.filter(pk=record.pk).first()
        context["opened"] = mark_of(stored) if stored else ""
        context["history"] = self._history(stored) if stored else []
        return super().render_change_form(request, context, *args, **kwargs)

    def _history(self, record: Model) -> "QuerySet[Proposal]":
        """Who changed this record, newest first; each leads to what it said before and after."""
        drafted = Proposal.objects.about(self.opts.label_lower, str(record.pk))
        return drafted.select_related("made_by", "published_by")[:SHOWN_CHANGES]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        waiting = None if request.method == "POST" else self._waiting(request, object_id)
        if waiting is not None:
            return waiting
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except WaitsAlready:  # a draft came between our look and the table: now it is seen
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        waiting = self._waiting(request, object_id)
        if waiting is not None:
            return waiting
        try:
            return super().delete_view(request, object_id, extra_context)
        except WaitsAlready:
            return self._waiting(request, object_id)

    def _waiting(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        if object_id is None or not self.has_change_permission(request):
            return None
        drafted = self._waiting_draft(object_id)
        if drafted is None:
            return None
        messages.warning(request, _("A change of this record waits to be published."))
        return redirect("admin:access_proposal_change", drafted.pk)

    def _waiting_draft(self, object_id: str) -> Proposal | None:
        return Proposal.objects.waiting().about(self.opts.label_lower, object_id).first()

    def _drafted(self, request: HttpRequest) -> HttpResponse:
        made: Proposal | None = request.proposal  # type: ignore[attr-defined]
        if made is None:
            messages.info(request, _("Nothing was different, so nothing was changed."))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        told = _("Drafted. A second operator publishes it.")
        if made.state == ProposalState.URGENT:
            told = _("Published at once. A second operator confirms or withdraws it afterwards.")
        messages.success(request, told)
        return redirect("admin:access_proposal_change", made.pk)
