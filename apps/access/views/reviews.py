"""Review of authorizations: what ends soon, what nobody uses, and what is to become of it (FEATURES A11)."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.access.authorization_forms import ReviewForm
from apps.access.fetches import fetch_closed_names, fetch_expiring_grants, fetch_unused_grants
from apps.access.guards import Manages, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.access.models import Grant
from apps.access.services.authorizing import Vanished, close_grants, prolong_grants
from apps.audit.terms import Action

SHOWN = 200  # of a list; what is done to all of it is done to the others too


@dataclass(frozen=True)
class Review:
    """One list with its form."""

    name: str
    caption: str | Promise
    grants: list[Grant]
    form: ReviewForm

    @property
    def shown(self) -> list[Grant]:
        return self.grants[:SHOWN]

    @property
    def ticked(self) -> set[UUID]:
        """What stays ticked when something was wrong with the form."""
        return self.form.ticked

    @property
    def open_count(self) -> int:
        return len(self.form.listed)


@guard(Manages(), Action.CLOSE_GRANT)
@require_http_methods(["GET", "POST"])
def review_grants(request: GuardedRequest) -> HttpResponse:
    """Two lists; below each, what may be done to those that are ticked."""
    reviews, form = _reviews(request)
    if form and form.is_valid():
        if _carry_out(request, form):
            return redirect("review_grants")
        reviews, form = _reviews(request)  # somebody was quicker: the lists as they are now
        if form and form.is_valid():
            form.add_error("grants", Vanished.message)
    context = {
        "reviews": reviews,
        "form": form,
        "gone": fetch_closed_names(form.gone, by=request.actor) if form else [],
    }
    return render(request, "access/review_grants.html", context, status=400 if form else 200)


def _reviews(request: GuardedRequest) -> tuple[list[Review], ReviewForm | None]:
    """Both lists, and the form of the one that was posted."""
    lists = [
        (
            "expiring",
            _("Authorizations that end within 30 days"),
            fetch_expiring_grants(by=request.actor),
        ),
        (
            "unused",
            _("Authorizations not used for 90 days"),
            fetch_unused_grants(by=request.actor),
        ),
    ]
    posted = request.POST.get("list", "") if request.method == "POST" else None
    reviews = [
        Review(
            name,
            caption,
            grants,
            ReviewForm(
                request.POST if posted == name else None,
                listed=[grant.pk for grant in grants if not grant.of_office],
                auto_id=f"id_{name}_%s",
            ),
        )
        for name, caption, grants in lists
    ]
    return reviews, next((each.form for each in reviews if each.form.is_bound), None)


def _carry_out(request: GuardedRequest, form: ReviewForm) -> bool:
    data = form.cleaned_data
    try:
        if data["go"] == "close_grants":
            count = close_grants(grants=data["grants"], reason=data["reason"], by=request.actor)
            told = ngettext(
                "%(count)s authorization is closed; the next click is refused.",
                "%(count)s authorizations are closed; the next click is refused.",
                count,
            )
        else:
            count = prolong_grants(
                grants=data["grants"],
                valid_until=data["valid_until"],
                reason=data["reason"],
                by=request.actor,
            )
            told = ngettext(
                "%(count)s authorization is prolonged.",
                "%(count)s authorizations are prolonged.",
                count,
            )
    except Vanished as refusal:
        record_refusal(request, refusal, action=Action.CLOSE_GRANT)
        return False
    messages.success(request, told % {"count": count})
    return True
