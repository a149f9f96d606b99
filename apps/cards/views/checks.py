"""The check of the card components (系統元件檢查; manual 0)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from apps.access.guards import Open, guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.cards.fetches import fetch_transaction
from apps.cards.handoff import agent_is_missing, ask_for_card, cookie_of
from apps.cards.refusals import TransactionGone
from apps.cards.reports import is_complete, items_of
from apps.cards.services.finishing import check_browser
from apps.cards.terms import OVER, Purpose


@guard(Open(), Action.CHECK_COMPONENTS)
@require_http_methods(["GET", "POST"])
def check_components(request: GuardedRequest) -> HttpResponse:
    """One button; the agent's answer comes back by the same way as a card."""
    if request.method == "POST":
        return ask_for_card(request, purpose=Purpose.CHECK, cards=[], return_route="show_check")
    context = {"agent_missing": agent_is_missing(request)}
    return render(request, "cards/check_components.html", context)


@guard(Open(), Action.CHECK_COMPONENTS)
@require_GET
def show_check(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    """檢查結果, item by item, with what to do."""
    checked = fetch_transaction(transaction_id)
    check_browser(checked, cookie_of(request, checked))
    if checked.state not in OVER or checked.report is None:
        raise TransactionGone(reason="check_not_finished")
    items = items_of(checked.report, workstation=checked.workstation)
    context = {"items": items, "complete": is_complete(items), "report": checked.report}
    return render(request, "cards/show_check.html", context)
