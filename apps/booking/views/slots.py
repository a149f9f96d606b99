"""The site's manager: publish slots, see the week, change capacity, close early (FEATURES C2)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.fetches import (
    fetch_other_slots,
    fetch_people,
    fetch_site,
    fetch_sites,
    fetch_slot,
    fetch_slots,
)
from apps.booking.models import Site, Slot
from apps.booking.months import lay_out_month, span_of
from apps.booking.patterns import at, monday_of
from apps.booking.site_forms import (
    CloseForm,
    CopyForm,
    MonthForm,
    PublishForm,
    RelieveForm,
    SlotForm,
    WeekForm,
)
from apps.booking.terms import SITE_SERVICE
from apps.booking.views.events import record_uses
from apps.booking.weeks import lay_out
from apps.cards.handoff import SeeOther
from apps.core import clock
from apps.core.errors import Invalid, Refusal

SIX_DAYS = timedelta(days=6)


@guard(Uses(SITE_SERVICE))
@require_GET
def show_sites(request: GuardedRequest) -> HttpResponse:
    """The sites of this institution: its brands in its campaigns."""
    sites = fetch_sites(by=request.actor)
    return render(request, "booking/show_sites.html", {"sites": sites, "today": clock.today()})


@guard(Uses(SITE_SERVICE))
@require_GET
def show_slots(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """A week of slots, and what is done with a whole week or day."""
    site = fetch_site(site_id, by=request.actor)
    form = WeekForm(request.GET)
    if not form.is_valid():
        raise Invalid(reason="week")
    return _show_week(request, site, {"week_form": form, "week": form.cleaned_data["week"]})


@guard(Uses(SITE_SERVICE))
@require_GET
def show_month(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """A month as a calendar, with Taiwan's holidays by name."""
    site = fetch_site(site_id, by=request.actor)
    form = MonthForm(request.GET)
    if not form.is_valid():
        raise Invalid(reason="month")
    first_day = form.cleaned_data["month"]
    context = {
        "site": site,
        "month": lay_out_month(first_day, fetch_slots(site, *span_of(first_day))),
        "today": clock.today(),
    }
    return render(request, "booking/show_month.html", context)


def _show_week(
    request: GuardedRequest, site: Site, values: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    monday = values["week"]
    week = lay_out(monday, fetch_slots(site, monday, monday + SIX_DAYS))
    context = {
        "copy_form": CopyForm(initial={"week": monday, "to": week.after}),
        "close_form": CloseForm(initial={"day": clock.today()}),
        "week_form": WeekForm(initial={"week": monday}),
        **values,
        "site": site,
        "week": week,
    }
    return render(request, "booking/show_slots.html", context, status=status)


def _back_to(site: Site, day: Any) -> HttpResponse:
    return SeeOther(f"{reverse('show_slots', args=[site.pk])}?week={monday_of(day)}")


@guard(Uses(SITE_SERVICE), Action.PUBLISH_SLOTS)
@require_http_methods(["GET", "POST"])
def publish_slots(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """A weekly pattern becomes slots."""
    site = fetch_site(site_id, by=request.actor)
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        published = services.publish_slots(
            site=site, pattern=form.as_pattern(), decision=request.decision, by=request.actor
        )
        _tell(request, published)
        return _back_to(site, form.cleaned_data["first_day"])
    context = {"site": site, "form": form}
    status = 400 if request.method == "POST" else 200
    return render(request, "booking/publish_slots.html", context, status=status)


def _tell(request: GuardedRequest, published: services.Published) -> None:
    made = ngettext(
        "%(made)d slot was published.", "%(made)d slots were published.", published.made
    )
    messages.success(request, made % {"made": published.made})
    if published.left_out:
        left_out = gettext("%(count)d were left out: the site has other slots at these times.")
        messages.warning(request, left_out % {"count": published.left_out})


@guard(Uses(SITE_SERVICE), Action.PUBLISH_SLOTS)
@require_POST
def copy_week(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """The open slots of a week again in a later one."""
    site = fetch_site(site_id, by=request.actor)
    form = CopyForm(request.POST)
    if not form.is_valid():
        return _refuse_form(request, site, "copy_form", form)
    try:
        published = services.copy_week(
            site=site,
            week=form.cleaned_data["week"],
            to=form.cleaned_data["to"],
            decision=request.decision,
            by=request.actor,
        )
    except services.NothingToCopy as refusal:
        record_refusal(request, refusal, action=Action.PUBLISH_SLOTS, service=SITE_SERVICE)
        form.add_error("to", refusal.message)
        return _refuse_form(request, site, "copy_form", form, refusal=refusal)
    _tell(request, published)
    return _back_to(site, form.cleaned_data["to"])


@guard(Uses(SITE_SERVICE), Action.CHANGE_SLOT)
@require_POST
def close_early(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """The rest of a day is closed for further bookings."""
    site = fetch_site(site_id, by=request.actor)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _refuse_form(request, site, "close_form", form)
    day = form.cleaned_data["day"]
    try:
        count = services.close_early(
            site=site,
            since=at(day, form.cleaned_data["since"]),
            decision=request.decision,
            by=request.actor,
        )
    except services.NothingToClose as refusal:
        record_refusal(request, refusal, action=Action.CHANGE_SLOT, service=SITE_SERVICE)
        form.add_error("since", refusal.message)
        return _refuse_form(request, site, "close_form", form, refusal=refusal)
    text = ngettext("%(count)d slot was closed.", "%(count)d slots were closed.", count)
    messages.success(request, text % {"count": count})
    return _back_to(site, day)


def _refuse_form(
    request: GuardedRequest, site: Site, name: str, form: Form, *, refusal: Refusal | None = None
) -> HttpResponse:
    """The week that the form is about, with what is wrong on top."""
    day = form.cleaned_data.get("week") or form.cleaned_data.get("day") or clock.today()
    values = {name: form, "form": form, "refusal": refusal, "week": monday_of(day)}
    return _show_week(request, site, values, status=refusal.status if refusal else 400)


@guard(Uses(SITE_SERVICE), Action.CHANGE_SLOT)
@require_http_methods(["GET", "POST"])
def change_slot(request: GuardedRequest, slot_id: UUID) -> HttpResponse:
    """One slot: capacity up or down, closed or open."""
    slot = fetch_slot(slot_id, by=request.actor)
    if request.method != "POST":
        return _show_slot(request, slot, SlotForm.of(slot))
    form = SlotForm(request.POST)
    if not form.is_valid():
        return _show_slot(request, slot, form, status=400)
    try:
        services.change_slot(
            slot=slot,
            capacity=form.cleaned_data["capacity"],
            closed=form.cleaned_data["closed"],
            shown=form.shown(),
            decision=request.decision,
            by=request.actor,
        )
    except services.SlotChanged as refusal:
        record_refusal(request, refusal, action=Action.CHANGE_SLOT, service=SITE_SERVICE)
        return _show_slot(request, slot, SlotForm.of(slot), refusal=refusal)
    except services.BelowBooked as refusal:
        record_refusal(request, refusal, action=Action.CHANGE_SLOT, service=SITE_SERVICE)
        form.add_error("capacity", refusal.message)
        return _show_slot(request, slot, form, refusal=refusal)
    return _back_to(slot.site, slot.day)


def _show_slot(
    request: GuardedRequest,
    slot: Slot,
    form: SlotForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"slot": slot, "site": slot.site, "form": form, "refusal": refusal}
    answer = refusal.status if refusal else status
    return render(request, "booking/change_slot.html", context, status=answer)


@guard(Uses(SITE_SERVICE), Action.MOVE_PEOPLE)
@require_http_methods(["GET", "POST"])
def relieve_slot(request: GuardedRequest, slot_id: UUID) -> HttpResponse:
    """Who is booked in a slot; some are moved or called off, and their places are taken away."""
    slot = fetch_slot(slot_id, by=request.actor)
    people, others = fetch_people(slot), fetch_other_slots(slot)
    if request.method != "POST":
        record_uses(request, Action.SHOW_SITE_DAY, people)
        return _show_people(request, slot, RelieveForm().show(people, others))
    form = RelieveForm(request.POST).show(people, others)
    if not form.is_valid():
        return _show_people(request, slot, form, status=400)
    to = form.cleaned_data["to"]
    try:
        count = services.relieve_slot(
            slot=slot,
            people=[UUID(each) for each in form.cleaned_data["people"]],
            to=UUID(to) if to else None,
            decision=request.decision,
            by=request.actor,
        )
    except (services.SlotFull, services.BookingChanged) as refusal:
        record_refusal(request, refusal, action=Action.MOVE_PEOPLE, service=SITE_SERVICE)
        form.add_error("to", refusal.message)
        return _show_people(request, slot, form, refusal=refusal)
    text = ngettext(
        "%(count)d person was moved or cancelled, and told.",
        "%(count)d people were moved or cancelled, and told.",
        count,
    )
    messages.success(request, text % {"count": count})
    return SeeOther(reverse("change_slot", args=[slot.pk]))


def _show_people(
    request: GuardedRequest,
    slot: Slot,
    form: RelieveForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"slot": slot, "site": slot.site, "form": form, "refusal": refusal}
    answer = refusal.status if refusal else status
    return render(request, "booking/relieve_slot.html", context, status=answer)
