"""The exception desk: typed instead of read, then as with a card (FEATURES C17)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.access.policies import decide
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.exception_forms import ExceptionForm
from apps.booking.terms import DESK_SERVICE, SERVICE
from apps.cards.handoff import SeeOther
from apps.core.errors import Refusal


@guard(Uses(DESK_SERVICE), Action.OPEN_EXCEPTION)
@require_http_methods(["GET", "POST"])
def open_exception(request: GuardedRequest) -> HttpResponse:
    """By which rule, who, and why; on to the booking form."""
    if request.method != "POST":
        return _show(request, ExceptionForm())
    form = ExceptionForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=400)
    try:
        reading = services.open_exception(
            rule=form.cleaned_data["rule"],
            typed=form.as_typed(),
            grounds=form.as_grounds(),
            decision=request.decision,
            by=request.actor,
        )
    except (services.RuleDoesNotFit, services.OtherPerson) as refusal:
        record_refusal(request, refusal, action=Action.OPEN_EXCEPTION, service=DESK_SERVICE)
        field = "name" if isinstance(refusal, services.OtherPerson) else "rule"
        form.add_error(field, refusal.message)
        return _show(request, form, refusal=refusal)
    return SeeOther(reverse("book_slot", args=[reading.pk]))


def _show(
    request: GuardedRequest,
    form: ExceptionForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    counter = decide(session=actor.session, service=SERVICE, address=actor.ip)
    context = {"form": form, "refusal": refusal, "has_counter": counter.permit}
    answer = refusal.status if refusal else status
    return render(request, "booking/open_exception.html", context, status=answer)
