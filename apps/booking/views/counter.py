"""At the counter: read a card, hear whether this person may book, and book (manual 1, 二)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.access.policies import decide
from apps.accounts.terms import CardKind
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.choices import Choices, Wish, offer_choices
from apps.booking.fetches import fetch_case
from apps.booking.forms import BookingForm, PostedBooking, describe_slot
from apps.booking.models import Campaign, ExceptionCase
from apps.booking.policies import Facts, Verdict
from apps.booking.remembered import last_place, remember_place
from apps.booking.sold_out import sold_out
from apps.booking.terms import DESK_SERVICE, SERVICE
from apps.booking.views import rush
from apps.booking.views.events import record_use
from apps.booking.views.ways import COUNTER, meet_person
from apps.cards.handoff import SeeOther, agent_is_missing, ask_for_card
from apps.cards.readings import NhiReading
from apps.cards.terms import Purpose
from apps.core.errors import Refusal
from apps.identities.masking import mask_national_id


@dataclass(frozen=True)
class Citizen:
    """The person whose card was just read, with the campaign that concerns them."""

    reading_id: UUID
    patient: UUID
    card: NhiReading
    facts: Facts | None
    verdict: Verdict
    case: ExceptionCase | None = None  # somebody without a card (C17)
    campaigns: list[Facts] = field(default_factory=list)  # that concern them, this one included

    @property
    def masked_id(self) -> str:
        return mask_national_id(self.card.national_id)

    @property
    def campaign(self) -> Campaign:
        """Of somebody who may book; there is no form for others."""
        assert self.facts is not None
        return self.facts.campaign

    def url(self, name: str) -> str:
        """The address of page `name` for this person; among several campaigns it names this one."""
        address = reverse(name, args=[self.reading_id])
        if len(self.campaigns) < 2 or not self.facts:
            return address
        return f"{address}?{urlencode({'campaign': self.campaign.code})}"

    @property
    def form_url(self) -> str:
        return self.url("book_slot")

    @property
    def join_url(self) -> str:
        return self.url("join_waiting_list")


def meet(request: GuardedRequest, reading_id: UUID) -> Citizen:
    """Opens the reading and chooses the campaign. Raises ReadingGone."""
    person = meet_person(request, reading_id)
    facts, verdict = services.choose_campaign(person.facts, request.GET.get("campaign", ""))
    return Citizen(
        reading_id=reading_id,
        patient=person.reading.patient_id,
        card=person.card,
        facts=facts,
        verdict=verdict,
        case=fetch_case(reading_id) if person.reading.typed else None,
        campaigns=services.campaigns_of(person.facts),
    )


@guard(Uses(SERVICE), Action.READ_CARD)
@require_http_methods(["GET", "POST"])
def start_booking(request: GuardedRequest) -> HttpResponse:
    """The next citizen: the button (F2) sends the browser to the card reader."""
    if request.method == "POST":
        return ask_for_card(
            request,
            purpose=Purpose.READ_CARD,
            cards=[CardKind.NHI],
            return_route="book_slot",
            service=SERVICE,
        )
    actor = request.actor
    desk = decide(session=actor.session, service=DESK_SERVICE, address=actor.ip)
    context = {"agent_missing": agent_is_missing(request), "has_desk": desk.permit}
    return render(request, "booking/start_booking.html", context)


@guard(COUNTER, Action.BOOK_SLOT, at_the_door=rush.refuse_rush)
@require_http_methods(["GET", "POST"])
def book_slot(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """Eligibility at once, then the form on one screen."""
    posted = request.method == "POST"
    citizen = meet(request, reading_id)
    # A form sent twice finds the booking that it made; only a fresh card leads straight to it.
    if not posted and citizen.facts and citizen.facts.live_booking:
        return redirect("show_booking_by_card", reading_id, citizen.facts.live_booking)
    if not request.GET and not posted and citizen.facts and citizen.facts.waiting:
        return redirect(citizen.url("show_waiting"))
    if not citizen.facts or not citizen.verdict.eligible:
        action = Action.BOOK_SLOT if posted else Action.CHECK_ELIGIBILITY
        return _refuse_citizen(request, citizen, action)
    if posted:
        return _book(request, citizen, citizen.facts)
    record_use(request, Action.CHECK_ELIGIBILITY)
    wish = wish_in(request) if "city" in request.GET else last_place(request)
    return _show_form(request, citizen, BookingForm(), wish)


def _book(request: GuardedRequest, citizen: Citizen, facts: Facts) -> HttpResponse:
    form = PostedBooking(request.POST)
    if "update" in request.POST:  # 更新選項, for browsers without JavaScript
        return _show_form(request, citizen, BookingForm(initial=form.kept()), form.wish())
    if not form.is_valid():
        return _show_form(request, citizen, _with_errors(request), form.wish(), status=400)
    try:
        booking_id = _way_of(citizen)(
            facts=facts,
            patient=citizen.patient,
            reading=citizen.card,
            request=form.as_request(),
            decision=request.decision,
            by=request.actor,
        )
    except services.AlreadyBooked as refusal:
        record_refusal(request, refusal, action=Action.BOOK_SLOT)
        return SeeOther(reverse("show_booking_by_card", args=[citizen.reading_id]))
    except (services.SlotFull, services.SlotClosed) as refusal:
        record_refusal(request, refusal, action=Action.BOOK_SLOT)
        if isinstance(refusal, services.SlotFull):
            sold_out.note(form.cleaned_data["slot"])
        shown = _with_errors(request)
        shown.add_error("slot", refusal.message)
        return _show_form(request, citizen, shown, form.wish(), refusal=refusal)
    return remember_place(SeeOther(reverse("show_booking", args=[booking_id])), form.wish())


def _way_of(citizen: Citizen) -> Callable[..., UUID]:
    """With a card, or as a case of the exception desk."""
    if citizen.case is None:
        return services.book_slot
    return partial(services.book_exception, case=citizen.case.pk)


def _with_errors(request: GuardedRequest) -> BookingForm:
    """The form that came back, to be shown again; checked now, before its lists are filled anew."""
    form = BookingForm(request.POST)
    form.full_clean()
    return form


def wish_in(request: GuardedRequest) -> Wish:
    """The place, day and slot that stand in the address."""
    names = ("city", "district", "site", "date", "slot")
    return Wish(**{name: request.GET.get(name, "") for name in names})


def _show_form(
    request: GuardedRequest,
    citizen: Citizen,
    form: BookingForm,
    wish: Wish,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    choices = _offer(request, citizen, wish)
    context = _form_context(citizen, form, choices) | {"refusal": refusal}
    return render(
        request,
        "booking/book_slot.html",
        context,
        status=refusal.status if refusal else status,
    )


def _offer(request: GuardedRequest, citizen: Citizen, wish: Wish) -> Choices:
    return offer_choices(campaign=citizen.campaign, wish=wish, near=request.actor.institution)


def _form_context(citizen: Citizen, form: BookingForm, choices: Choices) -> dict[str, object]:
    next_free = choices.next_free
    return {
        "citizen": citizen,
        "form": form.show(choices),
        "choices": choices,
        "choices_url": citizen.url("choose_slot"),
        "next_free": describe_slot(next_free) if next_free else "",
    }


@guard(COUNTER, Action.BOOK_SLOT)
@require_GET
def choose_slot(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The lists again after another city, district, site or day was chosen."""
    wish = wish_in(request)
    if not request.htmx:
        query = urlencode(vars(wish) | {"campaign": request.GET.get("campaign", "")})
        return SeeOther(f"{reverse('book_slot', args=[reading_id])}?{query}")
    citizen = meet(request, reading_id)
    if not citizen.facts or not citizen.verdict.eligible:
        raise services.NotEligible(citizen.verdict)
    choices = _offer(request, citizen, wish)
    context = _form_context(citizen, BookingForm(), choices)
    return render(request, "partials/booking_choices.html", context)


def _refuse_citizen(request: GuardedRequest, citizen: Citizen, action: Action) -> HttpResponse:
    """「您不符合本期可施打資格」 with code, plain reason and the next day that passes (C3)."""
    refusal = services.NotEligible(citizen.verdict)
    record_refusal(request, refusal, action=action)
    context = {"citizen": citizen, "refusal": refusal}
    return render(request, "booking/not_eligible.html", context, status=refusal.status)
