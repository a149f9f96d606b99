"""The operators' pages of vaccine booking: campaigns, their rules, sites (FEATURES C1, C15, C16)."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access.deeds import Deed, DeedAdmin
from apps.access.forms import ReasonForm
from apps.access.http import GuardedRequest
from apps.access.models import Proposal
from apps.access.reviewing import ReviewedAdmin
from apps.access.services.proposals import set_values
from apps.access.wording import Effect, previews
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.booking.campaign_forms import (
    AppointForm,
    CampaignRulesForm,
    CityDayForm,
    CityMoveForm,
    ExceptionRuleForm,
    PersonPreviewForm,
    SiteDayForm,
    SiteMoveForm,
)
from apps.booking.models import Booking, Campaign, EligibilityEntry, ExceptionRule, Site, Slot
from apps.booking.previews import Outlook, look_ahead
from apps.booking.services import campaigns, cities
from apps.booking.services.places import is_open
from apps.booking.terms import SERVICE, EntryKind, WaitingState
from apps.core import clock
from apps.identities.services import find
from apps.identities.terms import IdentifierKind


@previews("booking.campaign", words={"listed_kinds": EntryKind})
def preview_campaign_rules(before: Model, after: Model) -> list[Effect]:
    """Counts of now: who and what the drafted rules would concern."""
    assert isinstance(before, Campaign)
    assert isinstance(after, Campaign)
    entries = EligibilityEntry.objects.filter(campaign=before.pk)
    counted = entries.filter(kind__in=after.listed_kinds)
    free = Slot.objects.free(clock.now()).filter(site__campaign=before.pk)
    live = Booking.objects.live().filter(campaign=before.pk)
    late = live.filter(slot__begins_at__gt=after.books_until)
    return [
        Effect("listed", _("People on its lists"), entries.values("patient").distinct().count()),
        Effect(
            "counted",
            _("of these, on a list that counts"),
            counted.values("patient").distinct().count(),
        ),
        Effect("sites", _("Open sites"), before.site_set.filter(active=True).count()),
        Effect("free", _("Slots with free places"), free.count()),
        Effect("live", _("Live bookings, which stay"), live.count()),
        Effect(
            "late",
            _("of these, after the new end of the booking period"),
            late.count(),
        ),
    ]


@admin.register(Campaign)
class CampaignAdmin(DeedAdmin, ReviewedAdmin):
    """A change is drafted here and published by a second operator; ending needs one only."""

    form = CampaignRulesForm
    removable = False
    list_display = ["code", "name", "vaccine", "published", "books_from", "books_until"]
    list_filter = ["vaccine", "published"]
    list_select_related = ["vaccine"]
    search_fields = ["code", "name", "prefix"]
    change_form_template = "admin/booking/campaign/change_form.html"
    target = "campaign"
    deeds = (
        Deed(
            "appoint_sites",
            _("Appoint sites"),
            campaigns.appoint_sites,
            Action.APPOINT_SITES,
            _("Appointed: the institutions may publish slots now."),
            AppointForm,
        ),
        Deed(
            "end_campaign",
            _("End the booking period now"),
            campaigns.end_campaign,
            Action.END_CAMPAIGN,
            _("Ended: nobody can be booked in this campaign as of now."),
            ReasonForm,
            is_open,
        ),
        Deed(
            "move_city_day",
            _("Move a day of a city"),
            cities.move_city_day,
            Action.MOVE_DAY,
            _("Moved at every site of the city: everybody of that day is told."),
            CityMoveForm,
        ),
        Deed(
            "cancel_city_day",
            _("Cancel a day of a city"),
            cities.cancel_city_day,
            Action.CANCEL_DAY,
            _(
                "Cancelled at every site of the city: everybody is told and stands first on the "
                "waiting list of their site."
            ),
            CityDayForm,
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        preview = require_http_methods(["GET", "POST"])(self.preview_view)
        return [
            path(
                "<uuid:campaign_id>/preview/",
                self.admin_site.admin_view(preview),
                name="preview_person",
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
        campaign = self.get_object(request, object_id)
        context: dict[str, Any] = {"preview_form": PersonPreviewForm()}
        if campaign:
            context["sites"] = (
                Site.objects.filter(campaign=campaign)
                .select_related("institution")
                .order_by("institution__code", "brand")
            )
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def preview_view(self, request: GuardedRequest, campaign_id: UUID) -> HttpResponse:
        """By number and birth date, under the rules of now and under those that are drafted."""
        campaign = Campaign.objects.select_related("vaccine").filter(pk=campaign_id).first()
        if campaign is None:
            raise Http404
        form = PersonPreviewForm(request.POST if request.method == "POST" else None)
        outlooks = self._outlooks(request, campaign, form) if form.is_valid() else []
        context = self.admin_site.each_context(request) | {
            "form": form,
            "opts": self.opts,
            "campaign": campaign,
            "outlooks": outlooks,
        }
        template = "admin/booking/campaign/preview_person.html"
        return render(request, template, context, status=400 if form.errors else 200)

    def _outlooks(
        self, request: GuardedRequest, campaign: Campaign, form: PersonPreviewForm
    ) -> list[tuple[str, Outlook]]:
        """Recorded before anything of the person is shown; an unknown number is no person."""
        kind = IdentifierKind(form.cleaned_data["kind"])
        patient = find(kind=kind, value=form.cleaned_data["number"])
        record(
            event(
                Action.PREVIEW_RULES,
                by=request.actor,
                service=SERVICE,
                patient=patient,
                object_type="campaign",
                object_id=str(campaign.pk),
                detail={"campaign": campaign.code},
            )
        )
        versions = [(str(_("Rules of now")), campaign)]
        if (
            drafted := Proposal.objects.waiting()
            .about("booking.campaign", str(campaign.pk))
            .first()
        ):
            again = Campaign.objects.get(pk=campaign.pk)
            set_values(again, drafted.values)
            versions.append((str(_("Drafted rules")), again))
        return [
            (label, look_ahead(campaign=each, patient=patient, birth_date=form.born))
            for label, each in versions
        ]


@admin.register(ExceptionRule)
class ExceptionRuleAdmin(ReviewedAdmin):
    """Whom the exception desk lets in by what; a second operator publishes a change (C17)."""

    form = ExceptionRuleForm
    addable = removable = False
    list_display = ["code", "name", "enabled", "max_age", "max_days", "needs_guardian"]
    readonly_fields = ["code"]


@admin.register(Site)
class SiteAdmin(DeedAdmin):
    """Appointed sites; a typhoon day of any of them."""

    list_display = ["institution", "brand", "campaign", "active", "waiting"]
    list_filter = ["active", "campaign", "brand", "institution__kind"]
    list_select_related = ["institution", "campaign"]
    search_fields = ["institution__code", "institution__name", "brand"]
    target = "site"
    deeds = (
        Deed(
            "end_site",
            _("End the site"),
            campaigns.end_site,
            Action.CHANGE_SITE,
            _("Ended: nobody can be booked there; who is booked stays booked."),
            ReasonForm,
            lambda site: site.active,
        ),
        Deed(
            "resume_site",
            _("Resume the site"),
            campaigns.resume_site,
            Action.CHANGE_SITE,
            _("The site can be booked again."),
            offered=lambda site: not site.active,
        ),
        Deed(
            "move_site_day",
            _("Move a whole day"),
            campaigns.move_site_day,
            Action.MOVE_DAY,
            _("Moved: everybody of that day is told."),
            SiteMoveForm,
        ),
        Deed(
            "cancel_site_day",
            _("Cancel a whole day"),
            campaigns.cancel_site_day,
            Action.CANCEL_DAY,
            _("Cancelled: everybody is told and stands first on the waiting list."),
            SiteDayForm,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Site]:
        waiting = Q(waitingentry__state=WaitingState.WAITING)
        return super().get_queryset(request).annotate(in_line=Count("waitingentry", filter=waiting))

    @admin.display(description=_("waiting"), ordering="in_line")
    def waiting(self, site: Site) -> int:
        return int(site.in_line)  # type: ignore[attr-defined]  # annotated by get_queryset
