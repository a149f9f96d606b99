"""系統網路服務申請: the fixed addresses from which the institution works (manual 0)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access.fetches import fetch_network, fetch_networks
from apps.access.forms import NetworkForm, ReasonForm
from apps.access.guards import Manages, guard, record_refusal
from apps.access.http import GuardedRequest, own_institution
from apps.access.services.networks import RegisteredAlready, apply_for_network
from apps.access.services.networks import end_network as end
from apps.audit.terms import Action


@guard(Manages(), Action.APPLY_NETWORK)
@require_http_methods(["GET", "POST"])
def apply_networks(request: GuardedRequest) -> HttpResponse:
    """What was asked for and what became of it; below, the form for more."""
    form = NetworkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            apply_for_network(
                ranges=form.cleaned_data["addresses"],
                institution=own_institution(request),
                note=form.cleaned_data["note"],
                by=request.actor,
            )
        except RegisteredAlready as refusal:
            record_refusal(request, refusal, action=Action.APPLY_NETWORK)
            named = ", ".join(refusal.detail["addresses"])
            form.add_error("addresses", f"{refusal.message} {named} [{refusal.code}]")
        else:
            messages.success(request, _("The application was sent to the operator."))
            return redirect("apply_networks")
    context = {"form": form, "networks": fetch_networks(by=request.actor), "here": request.actor.ip}
    status = 400 if form.errors else 200
    return render(request, "access/apply_networks.html", context, status=status)


@guard(Manages(), Action.END_NETWORK)
@require_http_methods(["GET", "POST"])
def end_network(request: GuardedRequest, application_id: UUID) -> HttpResponse:
    """Asks once more, with a reason: services that need a registered network refuse from then on."""
    network = fetch_network(application_id, by=request.actor)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        end(application=application_id, reason=form.cleaned_data["reason"], by=request.actor)
        messages.success(request, _("The addresses no longer count as of now."))
        return redirect("apply_networks")
    context = {"form": form, "network": network}
    status = 400 if form.errors else 200
    return render(request, "access/end_network.html", context, status=status)
