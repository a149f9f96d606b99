"""The way from the browser to the agent and back. No other module knows the agent's address or the
cookies (DESIGN section 3).

The browser reaches the agent by top-level navigation only: everything else needs a permission in
Chromium (reference/cards.md section 2).
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse

from apps.access.http import GuardedRequest
from apps.accounts.terms import CardKind
from apps.cards.models import LIFETIME, CardTransaction
from apps.cards.services.starting import start_transaction, was_never_claimed
from apps.cards.terms import Purpose
from apps.core import clock

LAST_STARTED = "ankang_card_last"
WORKSTATION = "ankang_workstation"  # in the demo: at which of its computers this browser stands
STANDS_THERE = timedelta(days=1)


class SeeOther(HttpResponse):
    """303: go on with a GET, whatever the method was."""

    status_code = 303

    def __init__(self, url: str) -> None:
        super().__init__()
        self["Location"] = url


def ask_for_card(
    request: GuardedRequest,
    *,
    purpose: Purpose,
    cards: list[CardKind],
    return_route: str,
    service: str = "",
    reader_kind: str = "",
    start_path: str = "",
    workstation: str = "",
) -> HttpResponse:
    """Starts a transaction for this page, or for the one at `start_path`, and sends the browser to
    the agent with it; in the demo to the one of `workstation`, where the browser then stays.
    """
    page = start_path or request.path
    started, secret = start_transaction(
        purpose=purpose,
        cards=cards,
        return_route=return_route,
        start_path=page,
        language=request.LANGUAGE_CODE,
        service=service,
        reader_kind=reader_kind,
        by=request.actor,
    )
    query = urlencode({"transaction": started.id})
    agent = settings.DEMO_AGENTS.get(workstation) or agent_origin(request)
    response = SeeOther(f"{agent}/card?{query}")
    _set_cookie(response, started.cookie_name, secret, path=f"/cards/{started.id}/")
    _set_cookie(response, LAST_STARTED, started.id, path=page)
    if workstation:
        _set_cookie(response, WORKSTATION, workstation, path="/", lifetime=STANDS_THERE)
    return response


def chosen_workstation(request: GuardedRequest) -> str:
    """The institution's code; "" outside the demo, and for whoever chose nothing."""
    chosen = request.COOKIES.get(WORKSTATION, "")
    return chosen if chosen in settings.DEMO_AGENTS else ""


def agent_origin(request: GuardedRequest) -> str:
    """The agent beside this browser."""
    return str(settings.DEMO_AGENTS.get(chosen_workstation(request), settings.AGENT_ORIGIN))


def _set_cookie(
    response: HttpResponse, name: str, value: str, *, path: str, lifetime: timedelta = LIFETIME
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lifetime,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def cookie_of(request: GuardedRequest, card_transaction: CardTransaction) -> str:
    return request.COOKIES.get(card_transaction.cookie_name, "")


def keep_cookie(
    request: GuardedRequest,
    response: HttpResponse,
    card_transaction: CardTransaction,
    *,
    lifetime: timedelta = LIFETIME,
) -> HttpResponse:
    """The browser is given as long again, because the person has something left to type or to read."""
    secret = cookie_of(request, card_transaction)
    path = f"/cards/{card_transaction.id}/"
    _set_cookie(response, card_transaction.cookie_name, secret, path=path, lifetime=lifetime)
    return response


def drop_cookie(response: HttpResponse, card_transaction: CardTransaction) -> HttpResponse:
    """Whoever sits down next has nothing of the one before."""
    path = f"/cards/{card_transaction.id}/"
    response.delete_cookie(card_transaction.cookie_name, path=path, samesite="Lax")
    return response


def forget(response: HttpResponse, card_transaction: CardTransaction) -> HttpResponse:
    """The start page need not wonder any more whether the agent was there."""
    response.delete_cookie(LAST_STARTED, path=card_transaction.start_path, samesite="Lax")
    return response


def agent_is_missing(request: GuardedRequest) -> bool:
    """True when this page sent the browser to the agent and nobody took the transaction.

    It is not running.
    """
    last = request.COOKIES.get(LAST_STARTED, "")
    return bool(last) and was_never_claimed(last, since=clock.now() - LIFETIME)
