"""Grants, entitlements and memberships in the back office."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from apps.access import backoffice as backoffice  # registers the pages with deeds
from apps.access import people_admin as people_admin
from apps.access.forms import CloseGrantForm, ServiceForm
from apps.access.http import GuardedRequest
from apps.access.models import Entitlement, Grant, Membership, Service
from apps.access.purposes import purposes_of
from apps.access.reviewing import ReviewedAdmin
from apps.access.services import close_grant
from apps.core.backoffice import OperatorAdmin
from apps.core.errors import Invalid, NotFound


@admin.register(Grant)
class GrantAdmin(OperatorAdmin):
    """An operator finds a grant and closes it, with a reason; the next click of its holder is refused."""

    list_display = ["holder", "institution", "service", "source", "granted_at", "valid_until"]
    list_filter = ["content_object__service", "source"]
    list_select_related = ["user", "content_object__institution", "content_object__service"]
    search_fields = ["user__name", "content_object__institution__code"]
    readonly_fields = ["holder", "institution", "service"]
    fields = ["holder", "institution", "service", "source", "granted_at", "valid_until", "reason"]
    change_form_template = "admin/access/grant/change_form.html"

    @admin.display(description=_("person"), ordering="user__name")
    def holder(self, grant: Grant) -> str:
        return str(grant.user)

    @admin.display(description=_("institution"))
    def institution(self, grant: Grant) -> str:
        return str(grant.content_object.institution)

    @admin.display(description=_("service"))
    def service(self, grant: Grant) -> str:
        return str(grant.content_object.service)

    def get_urls(self) -> list[URLPattern]:
        close = self.admin_site.admin_view(require_POST(self.close_view))
        return [
            path("<uuid:grant_id>/close/", close, name="close_grant"),
            *super().get_urls(),
        ]

    def change_view(  # type: ignore[override]
        self,
        request: GuardedRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"close_form": CloseGrantForm(), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def close_view(self, request: GuardedRequest, grant_id: UUID) -> HttpResponse:
        form = CloseGrantForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["reason"])))
            return redirect("admin:access_grant_change", grant_id)
        try:
            close_grant(grant=grant_id, reason=form.cleaned_data["reason"], by=request.actor)
        except (Invalid, NotFound) as refusal:
            messages.error(request, f"{refusal.message} [{refusal.code}]")
        else:
            messages.success(request, _("The grant is closed; it no longer counts as of now."))
        return redirect("admin:access_grant_changelist")


@admin.register(Entitlement)
class EntitlementAdmin(OperatorAdmin):
    list_display = ["institution", "service", "source", "state", "valid_from", "valid_until"]
    list_filter = ["service", "source", "state"]
    search_fields = ["institution__code", "institution__name"]


@admin.register(Membership)
class MembershipAdmin(OperatorAdmin):
    list_display = ["person", "institution", "role", "state", "valid_from", "valid_until"]
    list_filter = ["role", "state"]
    search_fields = ["person__name", "institution__code"]


@admin.register(Service)
class ServiceAdmin(ReviewedAdmin):
    """The rules of a service are the operators' data (FEATURES A8, A9); which services there are is not.

    A change is drafted here; its page shows what it would do before a second operator publishes it.
    """

    form = ServiceForm
    addable = removable = False
    list_display = [
        "code",
        "name",
        "enabled",
        "recency",
        "needs_workstation",
        "needs_network",
        "accepts_fast_authentication",
        "minimum_agent_version",
    ]
    readonly_fields = ["code", "url_name"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Purposes stand there where a query of the service asks for one."""
        fields = super().get_fields(request, obj)
        asked = obj is not None and purposes_of(obj.pk)
        return fields if asked else [name for name in fields if name != "purposes"]
