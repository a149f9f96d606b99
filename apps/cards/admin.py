"""What operators keep for card logins: the reader/card table, authorities, revocation lists."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from apps.access.http import GuardedRequest
from apps.access.reviewing import ReviewedAdmin
from apps.accounts.models import LostCard
from apps.accounts.services import release_lost_card, report_lost_cards
from apps.accounts.terms import CardKind
from apps.cards import effects as effects  # registers what a change would do
from apps.cards.fetches import fetch_account
from apps.cards.forms import LoginWayForm, ReportCardForm
from apps.cards.list_forms import RevocationListForm
from apps.cards.models import LoginWay, RevocationList, TrustAnchor
from apps.core.backoffice import OperatorAdmin


@admin.register(LoginWay)
class LoginWayAdmin(ReviewedAdmin):
    """Ways are switched on and off by two operators; which ones there can be, the manual says."""

    form = LoginWayForm
    list_display = ["card_kind", "reader_kind", "role", "enabled"]
    list_filter = ["enabled"]
    readonly_fields = ["card_kind", "reader_kind", "role"]
    addable = removable = False


@admin.register(RevocationList)
class RevocationListAdmin(ReviewedAdmin):
    """How old a list may be, and where it lies, two operators say; the rest comes with the list."""

    form = RevocationListForm
    list_display = ["name", "made_at", "due_at", "fetched_at", "size", "last_problem"]
    fields = [
        "name",
        "address",
        "max_age",
        "grace",
        "made_at",
        "due_at",
        "fetched_at",
        "size",
        "last_problem",
    ]
    readonly_fields = ["name", "made_at", "due_at", "fetched_at", "size", "last_problem"]
    addable = removable = False


@admin.register(LostCard)
class LostCardAdmin(OperatorAdmin):
    """A card lost before it was ever used here: reported by number of its holder, released by a deed."""

    list_display = ["person", "card_kind", "reported_at", "released_at"]
    list_filter = ["card_kind"]
    list_select_related = ["person"]
    search_fields = ["person__name"]
    readonly_fields = ["person", "card_kind", "reported_at", "released_at"]
    change_form_template = "admin/accounts/lostcard/change_form.html"
    change_list_template = "admin/accounts/lostcard/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        report = self.admin_site.admin_view(require_POST(self.report_view))
        release = self.admin_site.admin_view(require_POST(self.release_view))
        return [
            path("report/", report, name="report_card"),
            path("<uuid:lost_id>/release/", release, name="release_lost_card"),
            *super().get_urls(),
        ]

    def changelist_view(
        self,
        request: GuardedRequest,  # type: ignore[override]
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"report_form": ReportCardForm(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def report_view(self, request: GuardedRequest) -> HttpResponse:
        form = ReportCardForm(request.POST)
        person = fetch_account(form.cleaned_data["number"]) if form.is_valid() else None
        if person is None:
            messages.error(request, _("Nobody here has this number, or it is not a valid one."))
        else:
            kinds = [CardKind(form.cleaned_data["card_kind"])]
            report_lost_cards(person=person, card_kinds=kinds, by=request.actor)
            messages.success(request, _("The card is blocked. Nobody can log in with it any more."))
        return redirect("admin:accounts_lostcard_changelist")

    def release_view(self, request: GuardedRequest, lost_id: UUID) -> HttpResponse:
        lost = get_object_or_404(self.get_queryset(request), pk=lost_id)
        release_lost_card(lost=lost, by=request.actor)
        messages.success(request, _("The card is released; it can log in again."))
        return redirect("admin:accounts_lostcard_change", lost_id)


@admin.register(TrustAnchor)
class TrustAnchorAdmin(OperatorAdmin):
    """To look at: whom the platform believes is not changed by one person in a browser."""

    list_display = ["card_kind", "name", "demo", "active", "needs_list"]
