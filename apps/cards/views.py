"""Logging in and out by card, and the way back from the agent."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Open, SignedIn, guard
from apps.access.http import GuardedRequest
from apps.accounts.middleware import actor_of
from apps.accounts.services import open_session
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.services import event, record, record_change
from apps.audit.terms import Action
from apps.cards.fetches import fetch_transaction
from apps.cards.forms import LogInForm
from apps.cards.handoff import SeeOther, agent_is_missing, ask_for_card, cookie_of, forget
from apps.cards.models import CardTransaction
from apps.cards.services import (
    OtherBrowser,
    cancel_transaction,
    check_browser,
    finish_transaction,
)
from apps.cards.terms import Purpose
from apps.core.errors import Invalid


@guard(Open(), Action.LOG_IN)
@require_http_methods(["GET", "POST"])
def log_in(request: GuardedRequest) -> HttpResponse:
    """Choose a card; the agent asks for its PIN."""
    form = LogInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return ask_for_card(
            request,
            purpose=Purpose.LOGIN,
            cards=[CardKind(form.cleaned_data["card_kind"])],
            return_route="my_home",
        )
    status = 400 if form.errors else 200
    context = {"form": form, "agent_missing": agent_is_missing(request)}
    return render(request, "cards/log_in.html", context, status=status)


@guard(SignedIn(), Action.LOG_OUT)
@require_POST
def log_out(request: GuardedRequest) -> HttpResponse:
    record(event(Action.LOG_OUT, by=request.actor))
    request.session.flush()
    messages.success(request, _("You are logged out. Please take your card with you."))
    return redirect("home")


@guard(Open(), Action.USE_CARD)
@require_GET
def return_from_card(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    """The agent sent the browser back. The same browser only; reload and Back are harmless."""
    if request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        raise Invalid(code="CARD-PREFETCH", reason="prefetch")  # must not use up the code
    card_transaction = fetch_transaction(transaction_id)
    check_browser(card_transaction, cookie_of(request, card_transaction))
    code = request.GET.get("code", "")
    if not code:
        return _start_again(request, card_transaction)
    finish = _finish_login if card_transaction.purpose == Purpose.LOGIN else _finish_reading
    return forget(finish(request, card_transaction, code), card_transaction)


def _start_again(request: GuardedRequest, card_transaction: CardTransaction) -> HttpResponse:
    """Came back without a result: cancelled on the agent's page, or by hand."""
    if "cancelled" in request.GET:
        cancel_transaction(card_transaction=card_transaction)
        messages.info(request, _("Reading the card was cancelled. Nothing was done."))
    return forget(SeeOther(card_transaction.start_path), card_transaction)


def _finish_login(
    request: GuardedRequest, card_transaction: CardTransaction, code: str
) -> HttpResponse:
    with transaction.atomic():
        if finish_transaction(card_transaction=card_transaction, code=code):
            _open_session(request, card_transaction)
            record_change(event(Action.LOG_IN, by=actor_of(request)))
    return SeeOther(reverse(card_transaction.return_route))


def _open_session(request: GuardedRequest, card_transaction: CardTransaction) -> None:
    institution = card_transaction.institution
    open_session(
        request.session,
        person=card_transaction.person,
        role=SessionRole(card_transaction.role),
        institution=institution and (institution.pk, institution.code, institution.name),
        workstation=card_transaction.workstation_id,
        card={
            "card_kind": card_transaction.card_kind,
            "card_issuer": card_transaction.card_issuer,
            "card_serial": card_transaction.card_serial,
            "profession": card_transaction.profession,
            "card_proof_at": card_transaction.proved_at,
        },
    )


def _finish_reading(
    request: GuardedRequest, card_transaction: CardTransaction, code: str
) -> HttpResponse:
    if card_transaction.session_id != request.actor.session:
        raise OtherBrowser(reason="reading_of_another_session")
    finish_transaction(card_transaction=card_transaction, code=code)
    return SeeOther(reverse(card_transaction.return_route, args=[card_transaction.reading_id]))
