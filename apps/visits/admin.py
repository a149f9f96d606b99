"""Visits and insurance in the back office: to look at, one access event for each record that is shown.

Operators answer what a help desk is asked ("was a number given?", "why was it refused?", "is this
signature ours?"). What was written to a visit is medical and is not shown.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from apps.access.http import GuardedRequest
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.core.backoffice import OperatorAdmin
from apps.visits import fetches
from apps.visits.forms import LookUpInsuredForm, LookUpSignatureForm
from apps.visits.models import InsuranceStatus, Visit
from apps.visits.terms import SERVICE


class PatientAdmin(OperatorAdmin):
    """A record about one patient: shown after its event was written, with a masked number."""

    show_full_result_count = False
    list_per_page = 50

    def change_view(
        self,
        request: GuardedRequest,  # type: ignore[override]
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = self.get_object(request, object_id)
        if shown is not None:
            record(
                event(
                    Action.SHOW_VISITS,
                    by=request.actor,
                    service=SERVICE,
                    patient=shown.patient_id,
                    object_type=self.opts.model_name or "",
                    object_id=str(shown.pk),
                )
            )
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=_("patient"))
    def masked_number(self, shown: Visit | InsuranceStatus) -> str:
        return fetches.find_masked_number(shown.patient_id) or "—"


@admin.register(Visit)
class VisitAdmin(PatientAdmin):
    """Found by identifier, institution, module code or day, and by a signature."""

    list_display = [
        *("visited_at", "institution", "sequence", "treat_item", "identifier", "module_code"),
        *("without_card", "taken_back_at"),
    ]
    list_select_related = ["institution"]
    list_filter = ["treat_item", "without_card", "newborn", "make_up"]
    date_hierarchy = "visited_at"
    ordering = ["-visited_at"]
    search_fields = ["=identifier", "=institution__code", "=module_code"]
    fields = [
        *("masked_number", "institution", "module_code", "visited_at", "sequence", "identifier"),
        *("treat_item", "same_day", "newborn", "make_up", "without_card", "opened_at"),
        *("taken_back_at", "written", "signature", "signature_state"),
    ]
    readonly_fields = ["masked_number", "written", "signature_state"]
    change_list_template = "admin/visits/visit/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        look_up = self.admin_site.admin_view(require_POST(self.look_up_view))
        return [path("look-up/", look_up, name="look_up_signature"), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Visit], search_term: str
    ) -> tuple[QuerySet[Visit], bool]:
        """Nothing before something was asked for: there is no use in browsing all visits of the country."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        return (found if any(request.GET.values()) else found.none()), distinct

    def changelist_view(
        self,
        request: GuardedRequest,  # type: ignore[override]
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"look_up_form": LookUpSignatureForm(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def look_up_view(self, request: GuardedRequest) -> HttpResponse:
        form = LookUpSignatureForm(request.POST)
        signature = form.cleaned_data["signature"] if form.is_valid() else ""
        visit = fetches.find_visit_of_signature(signature)
        if visit is None:
            messages.error(request, _("This is no signature of ours, or it was changed."))
            return redirect("admin:visits_visit_changelist")
        messages.success(request, _("The signature is right; this is its visit."))
        return redirect("admin:visits_visit_change", visit.pk)

    @admin.display(description=_("written to it"))
    def written(self, visit: Visit) -> str:
        counts = fetches.count_written(visit)
        return str(_("%(diagnoses)s diagnoses, %(orders)s orders") % counts)

    @admin.display(description=_("signature is right"), boolean=True)
    def signature_state(self, visit: Visit) -> bool | None:
        return fetches.is_signed(visit) if visit.signature else None


@admin.register(InsuranceStatus)
class InsuranceStatusAdmin(PatientAdmin):
    """Found by national ID; the list itself names nobody."""

    list_display = ["__str__", "state", "arrears", "card_cancelled", "visits_left", "known_on"]
    list_filter = ["state", "arrears", "card_cancelled", "identity_mark"]
    fields = [
        *("masked_number", "state", "arrears", "insurer", "identity_mark", "born_on"),
        *("card_valid_until", "card_cancelled", "card_password", "visits_left"),
        *("visits_reported", "known_on", "newborn_born_on", "newborn_mark"),
        *("number_year", "last_number", "last_visited_at"),
    ]
    readonly_fields = ["masked_number"]
    change_list_template = "admin/visits/insurancestatus/change_list.html"
    change_form_template = "admin/visits/insurancestatus/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        look_up = self.admin_site.admin_view(require_POST(self.look_up_view))
        return [path("look-up/", look_up, name="look_up_insured"), *super().get_urls()]

    def changelist_view(
        self,
        request: GuardedRequest,  # type: ignore[override]
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"look_up_form": LookUpInsuredForm(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def look_up_view(self, request: GuardedRequest) -> HttpResponse:
        """By POST: a national ID must not stand in an address."""
        form = LookUpInsuredForm(request.POST)
        status = fetches.find_insured(form.cleaned_data["number"]) if form.is_valid() else None
        if status is None:
            messages.error(request, _("This person is not on the list of the insured."))
            return redirect("admin:visits_insurancestatus_changelist")
        return redirect("admin:visits_insurancestatus_change", status.pk)
