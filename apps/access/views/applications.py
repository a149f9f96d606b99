"""健保服務申請作業: what the institution may use, and what it asks for (manual 1, STEP.3)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access.fetches import fetch_offers
from apps.access.guards import Manages, guard, record_refusal
from apps.access.http import GuardedRequest, own_institution
from apps.access.services.applications import (
    AppliedAlready,
    NotForThisInstitution,
    apply_for_service,
)
from apps.audit.terms import Action


@guard(Manages(), Action.APPLY_SERVICE)
@require_http_methods(["GET", "POST"])
def apply_services(request: GuardedRequest) -> HttpResponse:
    """Every service for this kind of institution with its state; a button where it can be asked for."""
    refusal = None
    if request.method == "POST":
        try:
            apply_for_service(
                service=request.POST.get("service", "")[:8],
                institution=own_institution(request),
                note=request.POST.get("note", "")[:200],
                by=request.actor,
            )
        except (AppliedAlready, NotForThisInstitution) as error:
            record_refusal(request, error, action=Action.APPLY_SERVICE)
            refusal = error
        else:
            messages.success(request, _("The application was sent to the operator."))
            return redirect("apply_services")
    context = {"offers": fetch_offers(by=request.actor), "refusal": refusal}
    status = refusal.status if refusal else 200
    return render(request, "access/apply_services.html", context, status=status)
