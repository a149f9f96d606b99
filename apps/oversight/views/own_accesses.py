"""Who looked at my data: for everybody who holds an NHI card or a citizen certificate.

No account, no session: staff hands the keyboard over. What the card opened is bound to the cookie of
its transaction, lasts a quarter of an hour, and ends with the button.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Open, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import CardKind
from apps.audit.actors import Actor
from apps.audit.terms import Action
from apps.cards.fetches import fetch_transaction
from apps.cards.handoff import agent_is_missing, ask_for_card, cookie_of, drop_cookie
from apps.cards.models import CardTransaction
from apps.cards.services.finishing import check_browser, end_transaction
from apps.cards.terms import Purpose
from apps.oversight.forms import OwnCardForm
from apps.oversight.own import fetch_own_event, find_own
from apps.oversight.refusals import WrongCursor
from apps.oversight.services import proving, showing_own


@guard(Open(), Action.SHOW_OWN_LOG)
@require_http_methods(["GET", "POST"])
def ask_own(request: GuardedRequest) -> HttpResponse:
    form = OwnCardForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return ask_for_card(
            request,
            purpose=Purpose.SHOW_OWN,
            cards=[CardKind(form.cleaned_data["card_kind"])],
            return_route="show_own",
        )
    status = 400 if form.errors else 200
    context = {"form": form, "agent_missing": agent_is_missing(request)}
    return render(request, "oversight/ask_own.html", context, status=status)


def _open(request: GuardedRequest, transaction_id: str) -> tuple[CardTransaction, UUID, Actor]:
    """The transaction of this browser, whose card it was, and as whom this is recorded."""
    card_transaction = fetch_transaction(transaction_id)
    check_browser(card_transaction, cookie_of(request, card_transaction))
    subject = showing_own.subject_of(card_transaction)
    request.patient = subject
    return card_transaction, subject, showing_own.actor_of(card_transaction, by=request.actor)


@guard(Open(), Action.SHOW_OWN_LOG)
@require_GET
def show_own(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    card_transaction, subject, person = _open(request, transaction_id)
    try:
        found = find_own(subject, before=request.GET.get("before", ""))
    except ValueError as error:
        raise WrongCursor(reason="not_a_cursor") from error
    showing_own.show_own_log(subject=subject, count=len(found.lines), by=person)
    context = {"found": found, "transaction": card_transaction}
    return render(request, "oversight/show_own.html", context)


@guard(Open(), Action.TAKE_PROOF)
@require_GET
def take_own_proof(request: GuardedRequest, transaction_id: str, number: int) -> HttpResponse:
    """The bundle of one access to the own data, to take home and check."""
    _, subject, person = _open(request, transaction_id)
    bundle = proving.take_proof(of=fetch_own_event(subject, number), by=person)
    name = f'attachment; filename="proof-{number}.json"'
    dumps = {"ensure_ascii": False, "indent": 2}
    return JsonResponse(bundle, json_dumps_params=dumps, headers={"Content-Disposition": name})


@guard(Open(), Action.SHOW_OWN_LOG)
@require_POST
def finish_own(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    """Nothing is left for whoever sits down next."""
    card_transaction, _subject, _person = _open(request, transaction_id)
    end_transaction(card_transaction=card_transaction)
    messages.success(request, _("Finished. Please take your card with you."))
    return drop_cookie(redirect("ask_own"), card_transaction)
