"""A whole day moved or called off (FEATURES C16)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.access.guards import Uses, guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.fetches import count_booked, fetch_site
from apps.booking.models import Site
from apps.booking.patterns import monday_of
from apps.booking.site_forms import CancelDayForm, DayForm, MoveDayForm
from apps.booking.terms import SITE_SERVICE
from apps.cards.handoff import SeeOther
from apps.core import clock
from apps.core.errors import Invalid


@guard(Uses(SITE_SERVICE))
@require_GET
def change_day(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """How many it concerns, and the two ways: another day, or none."""
    site = fetch_site(site_id, by=request.actor)
    form = DayForm(request.GET)
    if not form.is_valid():
        raise Invalid(reason="day")
    return _show(request, site, form.cleaned_data["day"])


def _show(
    request: GuardedRequest, site: Site, day: date, *, status: int = 200, **more: Form
) -> HttpResponse:
    context: dict[str, Any] = {
        "site": site,
        "day": day,
        "count": count_booked(site, day),
        "day_form": DayForm(initial={"day": day}),
        "move_form": MoveDayForm(initial={"day": day}),
        "cancel_form": CancelDayForm(initial={"day": day}),
        **more,
    }
    return render(request, "booking/change_day.html", context, status=status)


@guard(Uses(SITE_SERVICE), Action.MOVE_DAY)
@require_POST
def move_day(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """Everybody of the day to the same time of another day."""
    site = fetch_site(site_id, by=request.actor)
    form = MoveDayForm(request.POST)
    if not form.is_valid():
        day = form.cleaned_data.get("day") or clock.today()
        return _show(request, site, day, status=400, move_form=form, form=form)
    day, to = form.cleaned_data["day"], form.cleaned_data["to"]
    count = services.move_day(
        site=site, day=day, to=to, decision=request.decision, by=request.actor
    )
    text = ngettext("%(count)d booking was moved.", "%(count)d bookings were moved.", count)
    messages.success(request, text % {"count": count})
    return _back_to(site, to)


@guard(Uses(SITE_SERVICE), Action.CANCEL_DAY)
@require_POST
def cancel_day(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """Everybody of the day is called off and may book another time."""
    site = fetch_site(site_id, by=request.actor)
    form = CancelDayForm(request.POST)
    if not form.is_valid():
        day = form.cleaned_data.get("day") or clock.today()
        return _show(request, site, day, status=400, cancel_form=form, form=form)
    day = form.cleaned_data["day"]
    count = services.cancel_day(site=site, day=day, decision=request.decision, by=request.actor)
    text = ngettext(
        "%(count)d booking was called off.", "%(count)d bookings were called off.", count
    )
    messages.success(request, text % {"count": count})
    return _back_to(site, day)


def _back_to(site: Site, day: date) -> HttpResponse:
    return SeeOther(f"{reverse('show_slots', args=[site.pk])}?week={monday_of(day)}")
