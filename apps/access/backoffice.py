"""The operators' pages: applications, institutions, unified authorizations (FEATURES A3, A6, A7, A13)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access import effects as effects  # registers what changes of services do
from apps.access import tasks
from apps.access.deeds import Deed, DeedAdmin
from apps.access.forms import ApprovalForm, CampaignForm, PersonForm, ReasonForm
from apps.access.guards import record_refusal
from apps.access.http import GuardedRequest
from apps.access.models import NetworkApplication, Proposal, ServiceApplication, UnifiedCampaign
from apps.access.previews import find_shared_addresses, preview_campaign
from apps.access.services import applications, institutions, networks, proposals, unified
from apps.access.terms import ApplicationState, CampaignState, NetworkState, ProposalState
from apps.access.wording import describe_effects, describe_lines
from apps.audit.terms import Action
from apps.core.errors import Refusal
from apps.institutions.admin import InstitutionAdmin
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus


def _is_open(application: ServiceApplication) -> bool:
    return bool(application.state == ApplicationState.REQUESTED)


@admin.register(ServiceApplication)
class ServiceApplicationAdmin(DeedAdmin):
    list_display = ["requested_at", "institution", "service", "state", "requested_by"]
    list_filter = ["state", "service"]
    list_select_related = ["institution", "service", "requested_by"]
    search_fields = ["institution__code", "institution__name"]
    target = "application"
    deeds = (
        Deed(
            "approve_application",
            _("Approve"),
            applications.approve_application,
            Action.DECIDE_APPLICATION,
            _("Approved: the institution is entitled to the service now."),
            ApprovalForm,
            _is_open,
        ),
        Deed(
            "reject_application",
            _("Reject"),
            applications.reject_application,
            Action.DECIDE_APPLICATION,
            _("Rejected: the institution reads your reason."),
            ReasonForm,
            _is_open,
        ),
    )


@admin.register(NetworkApplication)
class NetworkApplicationAdmin(DeedAdmin):
    """系統網路服務申請: with the addresses, and who else has registered any of them."""

    list_display = ["requested_at", "institution", "addresses", "state", "requested_by"]
    list_filter = ["state"]
    list_select_related = ["institution", "requested_by"]
    search_fields = ["institution__code", "institution__name", "ranges__first_address"]
    change_form_template = "admin/access/networkapplication/change_form.html"
    target = "application"
    deeds = (
        Deed(
            "approve_network",
            _("Approve"),
            networks.approve_network,
            Action.DECIDE_NETWORK,
            _("Approved: the addresses count from now on."),
            ApprovalForm,
            lambda network: network.state == NetworkState.REQUESTED,
        ),
        Deed(
            "reject_network",
            _("Reject"),
            networks.reject_network,
            Action.DECIDE_NETWORK,
            _("Rejected: the institution reads your reason."),
            ReasonForm,
            lambda network: network.state == NetworkState.REQUESTED,
        ),
        Deed(
            "end_network_of",
            _("End"),
            networks.end_network,
            Action.END_NETWORK,
            _("Ended: the addresses no longer count as of now."),
            ReasonForm,
            lambda network: network.state == NetworkState.APPROVED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[NetworkApplication]:
        return super().get_queryset(request).prefetch_related("ranges")

    @admin.display(description=_("Fixed addresses"))
    def addresses(self, network: NetworkApplication) -> str:
        return ", ".join(map(str, network.ranges.all()))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        network = self.get_object(request, object_id)
        shared = find_shared_addresses(network) if network else []
        context = {"network": network, "shared": shared, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


admin.site.unregister(Institution)


@admin.register(Institution)
class InstitutionWithDeedsAdmin(DeedAdmin, InstitutionAdmin):
    """The register's page, with what ends or begins the work of an institution."""

    target = "institution"
    deeds = (
        Deed(
            "appoint_responsible",
            _("Make the responsible person manager and user"),
            institutions.appoint_responsible,
            Action.APPOINT_MANAGER,
            _("The responsible person is manager and user now."),
            PersonForm,
            lambda place: not place.contracted and place.status == InstitutionStatus.ACTIVE,
        ),
        Deed(
            "change_responsible",
            _("Change the responsible person"),
            institutions.change_responsible,
            Action.CHANGE_RESPONSIBLE,
            _("The responsible person is changed; authorizations of the office went over."),
            PersonForm,
            lambda place: place.status == InstitutionStatus.ACTIVE,
        ),
        Deed(
            "suspend_institution",
            _("Suspend"),
            institutions.suspend_institution,
            Action.CHANGE_INSTITUTION,
            _("Suspended: nobody works there as of now."),
            ReasonForm,
            lambda place: place.status == InstitutionStatus.ACTIVE,
        ),
        Deed(
            "resume_institution",
            _("Resume"),
            institutions.resume_institution,
            Action.CHANGE_INSTITUTION,
            _("The institution works again as before."),
            ReasonForm,
            lambda place: place.status == InstitutionStatus.SUSPENDED,
        ),
        Deed(
            "close_institution",
            _("Close for good"),
            institutions.close_institution,
            Action.CHANGE_INSTITUTION,
            _("Closed: entitlements, authorizations, modules and sessions have ended."),
            ReasonForm,
            lambda place: place.status != InstitutionStatus.CLOSED,
        ),
    )


@admin.register(UnifiedCampaign)
class UnifiedCampaignAdmin(DeedAdmin):
    list_display = ["name", "service", "state", "valid_from", "valid_until", "made_by"]
    list_filter = ["state", "service"]
    list_select_related = ["service", "made_by"]
    change_list_template = "admin/access/unifiedcampaign/change_list.html"
    change_form_template = "admin/access/unifiedcampaign/change_form.html"
    target = "campaign"
    deeds = (
        Deed(
            "publish_campaign",
            _("Publish"),
            unified.publish_campaign,
            Action.PUBLISH_CAMPAIGN,
            _("Published: the institutions of the list are entitled."),
            offered=lambda campaign: campaign.state == CampaignState.DRAFT,
            afterwards=tasks.follow_soon,
        ),
        Deed(
            "withdraw_campaign",
            _("Withdraw"),
            unified.withdraw_campaign,
            Action.WITHDRAW_CAMPAIGN,
            _("Withdrawn: all that it gave has ended."),
            ReasonForm,
            lambda campaign: campaign.state != CampaignState.WITHDRAWN,
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        draft = self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.draft_view))
        return [path("draft/", draft, name="draft_campaign"), *super().get_urls()]

    def draft_view(self, request: GuardedRequest) -> HttpResponse:
        """A new list; what it would do stands on its page before somebody else publishes."""
        form = CampaignForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                made = unified.draft_campaign(**form.cleaned_data, by=request.actor)
            except Refusal as refusal:
                record_refusal(request, refusal, action=Action.DRAFT_CAMPAIGN)
                codes = " ".join(refusal.detail.get("codes", [])[:20])
                form.add_error("listed", f"{refusal.message} {codes} [{refusal.code}]")
            else:
                messages.success(request, _("Drafted. A second operator publishes it."))
                return redirect("admin:access_unifiedcampaign_change", made.pk)
        context = self.admin_site.each_context(request) | {"form": form, "opts": self.opts}
        status = 400 if form.errors else 200
        template = "admin/access/unifiedcampaign/draft.html"
        return render(request, template, context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        preview = preview_campaign(campaign) if campaign else None
        context = {"preview": preview, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


@admin.register(Proposal)
class ProposalAdmin(DeedAdmin):
    """Drafted changes of rules and texts: what is now, what is to be, and what that would do."""

    list_display = ["made_at", "record", "title", "deed", "state", "made_by", "published_by"]
    list_filter = ["state", "deed"]
    list_select_related = ["made_by", "published_by"]
    search_fields = ["name"]
    fields = ["record", "title", "deed", "state", "made_by", "made_at", "published_by"]
    readonly_fields = ["record", "title"]
    change_form_template = "admin/access/proposal/change_form.html"
    target = "proposal"
    deeds = (
        Deed(
            "publish_change",
            _("Publish"),
            proposals.publish_change,
            Action.PUBLISH_CHANGE,
            _("Published: it holds from now on."),
            offered=lambda proposal: proposal.state == ProposalState.DRAFT,
        ),
        Deed(
            "withdraw_change",
            _("Withdraw"),
            proposals.withdraw_change,
            Action.WITHDRAW_CHANGE,
            _("Withdrawn: nothing was changed."),
            offered=lambda proposal: proposal.state == ProposalState.DRAFT,
        ),
        Deed(
            "confirm_change",
            _("Confirm"),
            proposals.confirm_change,
            Action.CONFIRM_CHANGE,
            _("Confirmed: it stays."),
            offered=lambda proposal: proposal.state == ProposalState.URGENT,
        ),
        Deed(
            "take_back_change",
            _("Withdraw what was published at once"),
            proposals.take_back_change,
            Action.WITHDRAW_CHANGE,
            _("Withdrawn: it is no longer shown."),
            offered=lambda proposal: proposal.state == ProposalState.URGENT,
        ),
    )

    @admin.display(description=_("kind of record"))
    def record(self, proposal: Proposal) -> str:
        return str(capfirst(proposals.model_of(proposal)._meta.verbose_name))

    @admin.display(description=_("name"), ordering="name")
    def title(self, proposal: Proposal) -> str:
        return proposal.title

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        drafted = self.get_object(request, object_id)
        context: dict[str, Any] = {"lines": describe_lines(drafted)} if drafted else {}
        if drafted and drafted.state == ProposalState.DRAFT:
            context["effects"] = describe_effects(drafted)
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
