"""使用者授權管理: choose a service, tick its users, look at the summary, save (manual 3, 五)."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.access.authorization_forms import AuthorizationForm
from apps.access.drafts import Draft, open_draft
from apps.access.fetches import (
    PAGE,
    Member,
    fetch_entitlement,
    fetch_entitlements,
    held_among,
    members_matching,
    with_grants,
    with_numbers,
)
from apps.access.guards import Manages, guard, record_refusal
from apps.access.http import GuardedRequest, wanted_page
from apps.access.models import Entitlement, Membership
from apps.access.services.authorizing import SavedMeanwhile, Ticks, UsersGone, users_before
from apps.access.services.authorizing import authorize_users as save
from apps.access.terms import MembershipRole
from apps.audit.terms import Action
from apps.core.errors import Invalid, Refusal

SHOWN_IN_SUMMARY = 200


@dataclass(frozen=True)
class Row:
    """One user of the table; `held` when there was a grant as the page was made."""

    member: Member
    held: bool
    ticked: bool
    fixed: bool  # given to the office by the operator: seen here, not changed


@guard(Manages(), Action.OPEN_GRANT)
@require_http_methods(["GET", "POST"])
def authorize_users(request: GuardedRequest) -> HttpResponse:
    """The table of one service. Searching, paging and ticking post the same form."""
    if request.method == "POST":
        return _carry_on(request)
    entitlements = fetch_entitlements(by=request.actor)
    chosen = _chosen(request.GET.get("entitlement", ""), entitlements)
    if chosen is None:
        return render(request, "access/authorize_users.html", {"entitlements": entitlements})
    entitlement = fetch_entitlement(chosen.pk, by=request.actor)
    draft = Draft(entitlement.pk, entitlement.version)
    return _show_table(request, entitlement, draft, entitlements=entitlements)


def _chosen(wanted: str, entitlements: list[Entitlement]) -> Entitlement | None:
    """The service asked for; the only one is chosen by itself."""
    named = [each for each in entitlements if str(each.pk) == wanted]
    if named or len(entitlements) != 1:
        return named[0] if named else None
    return entitlements[0]


def _carry_on(request: GuardedRequest) -> HttpResponse:
    draft = open_draft(request.POST.get("draft", ""), by=request.actor)
    entitlement = fetch_entitlement(draft.entitlement, by=request.actor)
    _take_ticks(request, draft)
    if draft.version != entitlement.version:
        return _refuse_conflict(request, entitlement, draft, SavedMeanwhile(reason="version"))
    step = request.POST.get("go", "")
    if step == "review":
        return _show_summary(request, entitlement, draft, AuthorizationForm())
    if step == "save":
        return _save(request, entitlement, draft)
    if step in {"tick_all", "untick_all"}:
        _tick_matching(request, entitlement, draft, ticked=step == "tick_all")
    return _show_table(request, entitlement, draft)


def _take_ticks(request: GuardedRequest, draft: Draft) -> None:
    """The boxes of the page that was just posted; those of other pages lie in the draft."""
    ticked, held = set(request.POST.getlist("ticked")), set(request.POST.getlist("held"))
    try:
        for shown in request.POST.getlist("shown"):
            draft.tick(UUID(shown), ticked=shown in ticked, held=shown in held)
    except ValueError as error:
        raise Invalid(reason="not_a_person_id") from error


def _tick_matching(
    request: GuardedRequest, entitlement: Entitlement, draft: Draft, *, ticked: bool
) -> None:
    """Everybody whom the search finds, on all pages."""
    for member in with_grants(_matching(request), entitlement):
        if not member.of_office:
            draft.tick(member.person_id, ticked=ticked, held=member.granted)


def _save(request: GuardedRequest, entitlement: Entitlement, draft: Draft) -> HttpResponse:
    form = AuthorizationForm(request.POST)
    if not form.is_valid():
        return _show_summary(request, entitlement, draft, form, status=400)
    try:
        save(
            entitlement=draft.entitlement,
            version=draft.version,
            ticks=Ticks(draft.added, draft.removed),
            valid_until=form.cleaned_data["valid_until"],
            reason=form.cleaned_data["reason"],
            by=request.actor,
        )
    except SavedMeanwhile as refusal:
        entitlement = fetch_entitlement(draft.entitlement, by=request.actor)
        return _refuse_conflict(request, entitlement, draft, refusal)
    except UsersGone as refusal:
        record_refusal(request, refusal, action=Action.OPEN_GRANT, service=entitlement.service_id)
        return _show_summary(request, entitlement, draft, form, refusal=refusal)
    messages.success(request, _("The authorizations are saved; they hold from now on."))
    return redirect(f"{reverse('authorize_users')}?entitlement={entitlement.pk}")


def _refuse_conflict(
    request: GuardedRequest, entitlement: Entitlement, draft: Draft, refusal: Refusal
) -> HttpResponse:
    """The table as somebody else left it, with this manager's own ticks on top."""
    record_refusal(request, refusal, action=Action.OPEN_GRANT, service=entitlement.service_id)
    draft.rebase(entitlement, held_among(draft.added | draft.removed, entitlement))
    return _show_table(request, entitlement, draft, refusal=refusal)


def _matching(request: GuardedRequest) -> QuerySet[Membership]:
    return members_matching(
        request.POST.get("search", ""), role=MembershipRole.USER, by=request.actor
    )


def _show_table(
    request: GuardedRequest,
    entitlement: Entitlement,
    draft: Draft,
    *,
    entitlements: list[Entitlement] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    shown = Paginator(with_grants(_matching(request), entitlement), PAGE).get_page(
        wanted_page(request) or request.POST.get("here")
    )
    context = {
        "entitlements": entitlements or fetch_entitlements(by=request.actor),
        "entitlement": entitlement,
        "rows": [_row(member, draft) for member in with_numbers(shown)],
        "shown": shown,
        "numbers": list(shown.paginator.get_elided_page_range(shown.number, on_each_side=2)),
        "draft": draft,
        "sealed": draft.seal(by=request.actor),
        "ticked": cast(Any, entitlement).held + len(draft.added) - len(draft.removed),
        "search": request.POST.get("search", ""),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "access/authorize_users.html", context, status=status)


def _row(member: Member, draft: Draft) -> Row:
    facts: Any = member.membership  # with_grants annotated it
    held, person = facts.granted, facts.person_id
    ticked = (held or person in draft.added) and person not in draft.removed
    return Row(member, held, ticked, facts.of_office)


def _show_summary(
    request: GuardedRequest,
    entitlement: Entitlement,
    draft: Draft,
    form: AuthorizationForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """Who is added and who is removed, before anything is saved; and who is no user any more."""
    gone = _take_out_gone(request, draft)
    context = {
        "entitlement": entitlement,
        "form": form,
        "draft": draft,
        "gone": gone,
        "refusal": refusal or (UsersGone(()) if gone else None),
        "sealed": draft.seal(by=request.actor),
        "added": _named(request, draft.added),
        "removed": _named(request, draft.removed),
        "left_out": SHOWN_IN_SUMMARY,
        "self_granted": request.actor.person in draft.added,
        "search": request.POST.get("search", ""),
        "here": request.POST.get("here", "1"),
    }
    status = refusal.status if refusal else status
    return render(request, "access/review_authorization.html", context, status=status)


def _take_out_gone(request: GuardedRequest, draft: Draft) -> list[str]:
    """The names of ticked people who were users when the page was opened and are none now.

    Who never was one stays in the draft, for the service to refuse.
    """
    if not draft.added:
        return []
    known = users_before(draft.added, by=request.actor)
    present = members_matching("", role=MembershipRole.USER, by=request.actor)
    gone = known.keys() - set(present.filter(person__in=known).values_list("person", flat=True))
    draft.added -= gone
    return sorted(known[person] for person in gone)


def _named(request: GuardedRequest, people: set[UUID]) -> list[Member]:
    members = members_matching("", role=MembershipRole.USER, by=request.actor)
    return with_numbers(members.filter(person__in=people)[:SHOWN_IN_SUMMARY])
