"""Logging in and out."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.access.guards import Open, SignedIn, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import CardKind
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.cards.fetches import fetch_ways, fetch_workstations
from apps.cards.forms import LogInForm
from apps.cards.handoff import agent_is_missing, ask_for_card, chosen_workstation
from apps.cards.sessions import drop_messages
from apps.cards.terms import Purpose

READER_COOKIE = "ankang_reader"
REMEMBERED_FOR = timedelta(days=365)


@guard(Open(), Action.LOG_IN)
@require_http_methods(["GET", "POST"])
def log_in(request: GuardedRequest) -> HttpResponse:
    """Choose a card and a reader; the agent asks for the PIN (manual 1: 憑證登入)."""
    remembered = request.COOKIES.get(READER_COOKIE, "")
    places = fetch_workstations()
    form = LogInForm(
        request.POST or None,
        ways=fetch_ways(),
        remembered=remembered,
        workstations=places,
        initial={"workstation": chosen_workstation(request) or next(iter(dict(places)), "")},
    )
    if request.method == "POST" and form.is_valid():
        reader_kind = form.cleaned_data["reader_kind"]
        response = ask_for_card(
            request,
            purpose=Purpose.LOGIN,
            cards=[CardKind(form.cleaned_data["card_kind"])],
            reader_kind=reader_kind,
            return_route="my_home",
            workstation=form.cleaned_data.get("workstation", ""),
        )
        return _remember(response, reader_kind)
    status = 400 if form.errors else 200
    context = {"form": form, "agent_missing": agent_is_missing(request)}
    return render(request, "cards/log_in.html", context, status=status)


def _remember(response: HttpResponse, reader_kind: str) -> HttpResponse:
    """A browser stands at one workstation: the reader is remembered there, not with the person."""
    response.set_cookie(
        READER_COOKIE,
        reader_kind,
        max_age=REMEMBERED_FOR,
        path="/log-in/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@guard(SignedIn(), Action.LOG_OUT)
@require_POST
def log_out(request: GuardedRequest) -> HttpResponse:
    record(event(Action.LOG_OUT, by=request.actor))
    drop_messages(request)
    request.session.flush()
    messages.success(request, _("You are logged out. Please take your card with you."))
    return redirect("home")


@guard(SignedIn())
@require_POST
def stay_logged_in(request: GuardedRequest) -> HttpResponse:
    """The person is still there: a request like any other, which is all it takes."""
    return HttpResponse(status=204)
