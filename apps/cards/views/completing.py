"""What is left to do after the card was shown: the password of an NHI card, or which institution.

There is no session yet. The browser proves itself by the transaction's own cookie.
"""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.access.guards import Open, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.accounts.models import Person
from apps.accounts.passwords import (
    PasswordRefused,
    TooManyTries,
    check_person_password,
    register_password,
)
from apps.audit.terms import Action
from apps.cards.fetches import fetch_transaction
from apps.cards.forms import ChooseInstitutionForm, PasswordForm, RegisterPasswordForm
from apps.cards.handoff import SeeOther, cookie_of
from apps.cards.logins import admit_nhi, institutions_of
from apps.cards.models import CardTransaction
from apps.cards.refusals import TransactionGone
from apps.cards.services.finishing import (
    check_browser,
    check_waiting,
    complete_transaction,
    needs_institution,
    needs_password,
)
from apps.cards.sessions import log_in_with
from apps.core.errors import Refusal
from apps.institutions.models import Institution


@guard(Open(), Action.LOG_IN)
@require_http_methods(["GET", "POST"])
def enter_password(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    """The NHI card was read; now its holder's password for the platform."""
    waiting = _fetch_for_password(request, transaction_id)
    form = PasswordForm(request.POST or None)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            person = check_person_password(
                **_holder_of(waiting), password=form.cleaned_data["password"]
            )
        except (PasswordRefused, TooManyTries) as wrong:
            refusal = wrong
        else:
            return _log_in_by_nhi_card(request, waiting, person)
    return _ask_again(request, "cards/enter_password.html", waiting, form, refusal)


@guard(Open(), Action.REGISTER_PASSWORD)
@require_http_methods(["GET", "POST"])
def register_card_password(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    """First use, or a forgotten password: the one-time code and a new password."""
    waiting = _fetch_for_password(request, transaction_id)
    form = RegisterPasswordForm(request.POST or None)
    refusal: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            person = register_password(
                **_holder_of(waiting),
                registration_code=form.cleaned_data["registration_code"],
                password=form.cleaned_data["password"],
                by=request.actor,
            )
        except (PasswordRefused, TooManyTries) as wrong:
            refusal = wrong
        else:
            return _log_in_by_nhi_card(request, waiting, person)
    return _ask_again(request, "cards/register_password.html", waiting, form, refusal)


@guard(Open(), Action.LOG_IN)
@require_http_methods(["GET", "POST"])
def choose_institution(request: GuardedRequest, transaction_id: str) -> HttpResponse:
    """At an agent that is no workstation, somebody who belongs to several institutions says for which."""
    waiting = _fetch_waiting(request, transaction_id)
    if not needs_institution(waiting) or waiting.person is None:
        raise TransactionGone(reason="login_needs_no_institution")
    form = ChooseInstitutionForm(request.POST or None, institutions=institutions_of(waiting.person))
    if request.method == "POST" and form.is_valid():
        return _complete(request, waiting, waiting.person, form.chosen)
    return _ask_again(request, "cards/choose_institution.html", waiting, form, None)


def _fetch_waiting(request: GuardedRequest, transaction_id: str) -> CardTransaction:
    waiting = fetch_transaction(transaction_id)
    check_browser(waiting, cookie_of(request, waiting))
    check_waiting(waiting)
    request.actor = replace(
        request.actor,
        institution=waiting.institution_id,
        workstation=waiting.workstation_id,
        card_kind=waiting.card_kind,
        card_serial=waiting.card_serial,
        card_proof_at=waiting.proved_at,
    )
    return waiting


def _fetch_for_password(request: GuardedRequest, transaction_id: str) -> CardTransaction:
    waiting = _fetch_waiting(request, transaction_id)
    if not needs_password(waiting):
        raise TransactionGone(reason="login_needs_no_password")
    return waiting


def _holder_of(waiting: CardTransaction) -> dict[str, Any]:
    """Whose card was read, where: what trying a password counts by. A reading always names both."""
    assert waiting.subject is not None
    assert waiting.workstation_id is not None
    return {
        "subject": waiting.subject,
        "person": waiting.person,
        "workstation": waiting.workstation_id,
    }


def _log_in_by_nhi_card(
    request: GuardedRequest, waiting: CardTransaction, person: Person
) -> HttpResponse:
    assert waiting.institution is not None
    admit_nhi(
        person=person,
        card_number=waiting.card_serial,
        issued_at=waiting.card_issued_at,
        reader_kind=waiting.reader_kind,
        institution=waiting.institution,
    )
    return _complete(request, waiting, person, waiting.institution)


def _complete(
    request: GuardedRequest, waiting: CardTransaction, person: Person, institution: Institution
) -> HttpResponse:
    with transaction.atomic():
        complete_transaction(card_transaction=waiting)
        log_in_with(request, waiting, person=person, institution=institution)
    return SeeOther(reverse(waiting.return_route))


def _ask_again(
    request: GuardedRequest,
    template: str,
    waiting: CardTransaction,
    form: PasswordForm | RegisterPasswordForm | ChooseInstitutionForm,
    refusal: Refusal | None,
) -> HttpResponse:
    status = 400 if form.errors else 200
    if refusal is not None:
        record_refusal(request, refusal, action=Action.LOG_IN)
        status = refusal.status
    context = {"form": form, "transaction": waiting, "refusal": refusal}
    return render(request, template, context, status=status)
