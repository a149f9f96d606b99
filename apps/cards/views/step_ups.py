"""Showing one's card again, for a service that wants a fresh proof."""

import re

from django.http import HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.access.guards import SignedIn, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import SessionRole
from apps.audit.terms import Action
from apps.cards.fetches import fetch_step_up_cards
from apps.cards.forms import StepUpForm
from apps.cards.handoff import ask_for_card
from apps.cards.refusals import NoStepUp
from apps.cards.terms import Purpose
from apps.core.errors import Invalid

# Ours have nothing else in them; a path goes into a column and into a cookie's attributes.
PLAIN_PATH = re.compile(r"/[A-Za-z0-9/_.-]{0,199}")


@guard(SignedIn(), Action.STEP_UP)
@require_POST
def step_up(request: GuardedRequest) -> HttpResponse:
    """To the agent, and back to the page that asked for it.

    Not for representatives: their card stands for an institution, so it cannot say that the same
    person is still there.
    """
    if request.actor.role == SessionRole.REPRESENTATIVE:
        raise NoStepUp(reason="step_up_of_a_representative")
    form = StepUpForm(request.POST)
    if not form.is_valid():
        raise Invalid(reason="step_up_without_page")
    return ask_for_card(
        request,
        purpose=Purpose.STEP_UP,
        cards=fetch_step_up_cards(form.cleaned_data["service"], by=request.actor),
        return_route="my_home",
        service=form.cleaned_data["service"],
        start_path=_page_of_ours(request, form.cleaned_data["next"]),
    )


def _page_of_ours(request: GuardedRequest, path: str) -> str:
    """Only a page of this site is returned to, without a query; anything else becomes my home."""
    plain = path.partition("?")[0]
    home: str = reverse("my_home")
    if not PLAIN_PATH.fullmatch(plain):
        return home
    if not url_has_allowed_host_and_scheme(plain, {request.get_host()}):
        return home
    try:
        resolve(plain)
    except Resolver404:
        return home
    return plain
