"""One's own account, and the people whom a representative or manager answers for."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Appoints, SignedIn, guard
from apps.access.http import GuardedRequest, wanted_page
from apps.accounts.passwords import issue_registration_code, set_password
from apps.accounts.services import block_credential, report_lost_cards
from apps.accounts.terms import INSTITUTION_CARDS, PERSONAL_CARDS, CardKind, SessionRole
from apps.audit.terms import Action
from apps.cards import fetches
from apps.cards.codes import keep_code, take_code
from apps.cards.forms import LostCardForm, NewPasswordForm
from apps.cards.handoff import SeeOther
from apps.core import clock
from apps.core.errors import Denied, Invalid

# "Right after" a login by citizen certificate (DESIGN 3).
PROOF_FOR_PASSWORD = timedelta(minutes=10)


@guard(SignedIn())
@require_GET
def my_account(request: GuardedRequest) -> HttpResponse:
    """My cards, to block a lost one; and the password for the NHI card."""
    context = {
        "cards": fetches.fetch_cards_of(request.actor.person),
        "lost": fetches.fetch_lost_cards_of(request.actor.person),
        "lost_form": LostCardForm(card_kinds=_kinds_of(request)),
        "may_set_password": _has_just_shown_certificate(request),
        "is_person": request.actor.role != SessionRole.REPRESENTATIVE,
        "appoints": Appoints().holds(request),
    }
    return render(request, "accounts/my_account.html", context)


@guard(SignedIn(), Action.REGISTER_PASSWORD)
@require_http_methods(["GET", "POST"])
def set_card_password(request: GuardedRequest) -> HttpResponse:
    """The password for the NHI card, set right after a login by citizen certificate."""
    if not _has_just_shown_certificate(request):
        raise Denied(
            _("Log in with your citizen certificate to set the password of your NHI card."),
            code="LOGIN-CERT-NEEDED",
            way_on=_("The password can be set within 10 minutes of that login."),
            reason="no_fresh_citizen_certificate",
        )
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        record = request.session.record
        assert record is not None  # SignedIn
        set_password(person=record.person, password=form.cleaned_data["password"], by=request.actor)
        messages.success(request, _("Your password for the NHI card is registered."))
        return redirect("my_account")
    status = 400 if form.errors else 200
    return render(request, "accounts/set_password.html", {"form": form}, status=status)


@guard(SignedIn(), Action.BLOCK_CARD)
@require_POST
def block_my_card(request: GuardedRequest, credential_id: UUID) -> HttpResponse:
    """My own lost card. When it opened this session, the session ends with it."""
    card = fetches.fetch_card(credential_id, person=request.actor.person)
    block_credential(credential=card, by=request.actor)
    messages.success(request, _("The card is blocked. Nobody can log in with it any more."))
    return redirect("my_account")


@guard(SignedIn(), Action.BLOCK_CARD)
@require_POST
def report_lost_card(request: GuardedRequest) -> HttpResponse:
    """A card that never logged in here: blocked by its kind, whatever its number is."""
    form = LostCardForm(request.POST, card_kinds=_kinds_of(request))
    if not form.is_valid():
        raise Invalid(_("Please choose which kind of card was lost."), code="CARD-LOST-KIND")
    report_lost_cards(
        person=request.session.record.person,  # type: ignore[union-attr]
        card_kinds=[CardKind(form.cleaned_data["card_kind"])],
        by=request.actor,
    )
    messages.success(request, _("Your cards of this kind are blocked until a new one is issued."))
    return redirect("my_account")


@guard(Appoints())
@require_http_methods(["GET", "POST"])
def list_cards(request: GuardedRequest) -> HttpResponse:
    """A page of the people. A search is posted: it may be a national ID."""
    search = request.POST.get("search", "")
    return _list_cards(request, search=search, page_number=wanted_page(request))


@guard(Appoints(), Action.ISSUE_CODE)
@require_http_methods(["GET", "POST"])
def issue_code(request: GuardedRequest, person_id: UUID) -> HttpResponse:
    """A one-time code for somebody's first NHI card login; the page behind the form shows it, once."""
    person = fetches.fetch_appointed_person(person_id, by=request.actor)
    if request.method == "POST":
        code = issue_registration_code(person=person, by=request.actor)
        keep_code(request.session, code, person=person.pk)
        return SeeOther(request.path)
    code = take_code(request.session, person=person.pk)
    return _list_cards(request, code=code, code_for=person.name)


@guard(Appoints(), Action.BLOCK_CARD)
@require_POST
def block_cards_of(request: GuardedRequest, person_id: UUID) -> HttpResponse:
    """All cards of this person, used here or not: a manager cannot tell which one was lost."""
    person = fetches.fetch_appointed_person(person_id, by=request.actor)
    report_lost_cards(person=person, card_kinds=PERSONAL_CARDS, by=request.actor)
    messages.success(request, _("The cards of %(name)s are blocked.") % {"name": person.name})
    return redirect("list_cards")


def _kinds_of(request: GuardedRequest) -> list[CardKind]:
    """The kinds of card that this account can have."""
    stands_for_institution = request.actor.role == SessionRole.REPRESENTATIVE
    return sorted(INSTITUTION_CARDS) if stands_for_institution else list(PERSONAL_CARDS)


def _list_cards(
    request: GuardedRequest, *, search: str = "", page_number: str = "", **code: str
) -> HttpResponse:
    shown = fetches.fetch_appointed(search=search, page=page_number, by=request.actor)
    context = {
        "shown": shown,
        "numbers": list(shown.paginator.get_elided_page_range(shown.number, on_each_side=2)),
        "search": search,
        **code,
    }
    return render(request, "accounts/list_cards.html", context)


def _has_just_shown_certificate(request: GuardedRequest) -> bool:
    actor = request.actor
    return (
        actor.card_kind == CardKind.CITIZEN
        and actor.card_proof_at is not None
        and actor.card_proof_at > clock.now() - PROOF_FOR_PASSWORD
    )
