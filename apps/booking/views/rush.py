"""A rush on a slot that is full: a small page that has all that was typed and leads back to the form."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from apps.access.http import GuardedRequest
from apps.booking import services
from apps.booking.sold_out import sold_out


def refuse_rush(request: GuardedRequest, reading_id: UUID) -> HttpResponse | None:
    """For a form whose slot was full a moment ago and still is; None for every other one."""
    try:
        slot, key = UUID(request.POST["slot"]), UUID(request.POST["key"])
    except (KeyError, ValueError):
        return None
    if not sold_out.knows(slot) or "update" in request.POST:
        return None
    refusal = services.SlotFull(reason="slot_full")
    refused = services.refuse_full(
        slot=slot,
        reading=reading_id,
        key=key,
        refusal=refusal,
        decision=request.decision,
        by=request.actor,
    )
    if not refused:
        return None
    typed = [item for item in request.POST.items() if item[0] != "csrfmiddlewaretoken"]
    context = {"refusal": refusal, "typed": typed, "form_url": request.get_full_path()}
    return render(request, "booking/sold_out.html", context, status=refusal.status)
