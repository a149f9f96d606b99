"""The way back from the agent."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.access.guards import Open, guard
from apps.access.http import GuardedRequest
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.cards.fetches import fetch_transaction
from apps.cards.handoff import SeeOther, cookie_of, forget, keep_cookie
from apps.cards.models import CardTransaction
from apps.cards.refusals import OtherBrowser
from apps.cards.services.finishing import (
    READING_TIME,
    check_browser,
    finish_transaction,
    needs_password,
    needs_person,
    prolong,
)
from apps.cards.services.starting import cancel_transaction
from apps.cards.sessions import log_in_with, step_up_with
from apps.cards.terms import Purpose, TransactionState
from apps.core.errors import Invalid

Finish = Callable[[GuardedRequest, CardTransaction, str], HttpResponse]


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
    finish = _FINISH[Purpose(card_transaction.purpose)]
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
    """With the session; or with the page that asks for what the card alone does not say."""
    waits = needs_person(card_transaction)
    with transaction.atomic():
        if finish_transaction(card_transaction=card_transaction, code=code) and not waits:
            assert card_transaction.person is not None
            log_in_with(
                request,
                card_transaction,
                person=card_transaction.person,
                institution=card_transaction.institution,
            )
    if not waits or card_transaction.state == TransactionState.RETURNED:
        return SeeOther(reverse(card_transaction.return_route))
    page = "enter_password" if needs_password(card_transaction) else "choose_institution"
    response = SeeOther(reverse(page, args=[card_transaction.id]))
    return keep_cookie(request, response, card_transaction)


def _finish_step_up(
    request: GuardedRequest, card_transaction: CardTransaction, code: str
) -> HttpResponse:
    if card_transaction.session_id != request.actor.session:
        raise OtherBrowser(reason="step_up_of_another_session")
    with transaction.atomic():
        if finish_transaction(card_transaction=card_transaction, code=code):
            step_up_with(request, card_transaction)
    return SeeOther(card_transaction.start_path)


def _finish_reading(
    request: GuardedRequest, card_transaction: CardTransaction, code: str
) -> HttpResponse:
    if card_transaction.session_id != request.actor.session:
        raise OtherBrowser(reason="reading_of_another_session")
    finish_transaction(card_transaction=card_transaction, code=code)
    return SeeOther(reverse(card_transaction.return_route, args=[card_transaction.reading_id]))


def _finish_check(
    request: GuardedRequest, card_transaction: CardTransaction, code: str
) -> HttpResponse:
    if finish_transaction(card_transaction=card_transaction, code=code):
        record(event(Action.CHECK_COMPONENTS, by=request.actor))
    return SeeOther(reverse(card_transaction.return_route, args=[card_transaction.id]))


def _finish_own(
    request: GuardedRequest, card_transaction: CardTransaction, code: str
) -> HttpResponse:
    """To the page that is bound to this transaction's cookie: the person has no session."""
    if finish_transaction(card_transaction=card_transaction, code=code):
        prolong(card_transaction=card_transaction)
    response = SeeOther(reverse(card_transaction.return_route, args=[card_transaction.id]))
    return keep_cookie(request, response, card_transaction, lifetime=READING_TIME)


_FINISH: dict[Purpose, Finish] = {
    Purpose.LOGIN: _finish_login,
    Purpose.STEP_UP: _finish_step_up,
    Purpose.READ_CARD: _finish_reading,
    Purpose.CHECK: _finish_check,
    Purpose.SHOW_OWN: _finish_own,
}
