"""Versions of the alert in the back office: draft, edit, preview, publish by a second operator, roll back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access.deeds import Deed, DeedAdmin
from apps.access.forms import ReasonForm
from apps.access.http import GuardedRequest
from apps.audit.backoffice import EditableAdmin
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.core.backoffice import OperatorAdmin, waits
from apps.travel import services
from apps.travel.forms import DraftForm, PreviewForm
from apps.travel.models import AlertLink, AlertRule, AlertText, RuleChange, RuleSet
from apps.travel.previews import preview_alert
from apps.travel.terms import RulesState


@waits(
    _("Versions of the alert to publish"),
    "admin:travel_ruleset_changelist",
    f"state__exact={RulesState.DRAFT}",
)
def count_drafts() -> int:
    return RuleSet.objects.filter(state=RulesState.DRAFT).count()


def is_draft(rules: RuleSet) -> bool:
    return bool(rules.state == RulesState.DRAFT)


@admin.register(RuleSet)
class RuleSetAdmin(DeedAdmin):
    """A version with its deeds, its preview and who changed what in it. Only a draft's dates are edited."""

    list_display = ["version", "note", "state", "valid_from", "valid_until", "made_by"]
    list_display += ["published_by", "published_at"]
    list_filter = ["state"]
    list_select_related = ["made_by", "published_by"]
    fields = ["version", "note", "state", "valid_from", "valid_until", "made_by", "made_at"]
    fields += ["published_by", "published_at"]
    readonly_fields = ["version", "state", "made_by", "made_at", "published_by", "published_at"]
    change_form_template = "admin/travel/ruleset/change_form.html"
    target = "rules"
    deeds = (
        Deed(
            "draft_rules",
            _("Draft a new version from this one"),
            services.draft_rules,
            Action.DRAFT_RULES,
            _(
                "Drafted: edit its rules and texts, look at the preview, and have a colleague publish it."
            ),
            DraftForm,
        ),
        Deed(
            "publish_rules",
            _("Publish"),
            services.publish_rules,
            Action.PUBLISH_RULES,
            _("Published: it counts from its first day on."),
            offered=is_draft,
        ),
        Deed(
            "withdraw_rules",
            _("Withdraw"),
            services.withdraw_rules,
            Action.WITHDRAW_RULES,
            _("Withdrawn: the version before it counts again."),
            ReasonForm,
            lambda rules: rules.state != RulesState.WITHDRAWN,
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and is_draft(obj)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        services.save_part(part=obj, by=request.actor)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None  # the access log and RuleChange have it

    def get_urls(self) -> list[URLPattern]:
        preview = require_http_methods(["GET", "POST"])(self.preview_view)
        return [
            path(
                "<uuid:object_id>/preview/",
                self.admin_site.admin_view(preview),
                name="preview_alert",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = self.get_object(request, object_id)
        changes = shown.changes.select_related("changed_by") if shown else ()
        context = {"changes": changes, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def preview_view(self, request: GuardedRequest, object_id: UUID) -> HttpResponse:
        """The alert for a made-up person, beside what is shown at present."""
        rules = get_object_or_404(RuleSet, pk=object_id)
        form = PreviewForm(request.POST or None)
        preview = None
        if request.method == "POST" and form.is_valid():
            preview = preview_alert(rules, form.cleaned_data)
            version = str(rules.version)
            record(event(Action.PREVIEW_ALERT, by=request.actor, policy_version=version))
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "preview": preview,
            "rules": rules,
            "opts": self.opts,
        }
        status = 400 if form.errors else 200
        return render(request, "admin/travel/ruleset/preview.html", context, status=status)


class PartAdmin(EditableAdmin):
    """Parts of versions. Those of a draft are edited, all others only shown."""

    list_filter = ["rules"]
    list_select_related = ["rules"]
    change_form_template = "admin/travel/part_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or is_draft(obj.rules)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or is_draft(obj.rules)

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "rules":
            kwargs["queryset"] = RuleSet.objects.filter(state=RulesState.DRAFT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        services.save_part(part=obj, by=request.actor)

    def delete_model(self, request: Any, obj: Any) -> None:
        services.remove_part(part=obj, by=request.actor)


@admin.register(AlertRule)
class AlertRuleAdmin(PartAdmin):
    list_display = ["text", "rules", "fact", "part", "priority", "days", "ours"]
    list_filter = ["rules", "part", "fact", "ours"]


@admin.register(AlertText)
class AlertTextAdmin(PartAdmin):
    list_display = ["slot", "rules", "service", "number_kind", "text", "ours"]
    list_filter = ["rules", "service", "slot", "ours"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 6
        return field


@admin.register(AlertLink)
class AlertLinkAdmin(PartAdmin):
    list_display = ["label", "rules", "service", "position", "address", "ours"]
    list_filter = ["rules", "service"]


@admin.register(RuleChange)
class RuleChangeAdmin(OperatorAdmin):
    """Who changed what, over all versions."""

    list_display = ["changed_at", "changed_by", "rules", "part", "field", "old", "new"]
    list_filter = ["rules", "changed_by"]
    list_select_related = ["rules", "changed_by"]
