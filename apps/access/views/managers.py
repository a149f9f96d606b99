"""機構管理者維護作業: the representative appoints, lists and ends managers (manual 1, STEP.3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.access.fetches import count_members, fetch_member, fetch_members
from apps.access.forms import PersonForm
from apps.access.guards import Represents, guard
from apps.access.http import GuardedRequest, own_institution
from apps.access.services.members import appoint_manager as appoint
from apps.access.services.members import end_manager as end
from apps.access.terms import MembershipRole
from apps.access.views.members import add_member
from apps.audit.terms import Action


@guard(Represents())
@require_GET
def maintain_managers(request: GuardedRequest) -> HttpResponse:
    """Who manages the institution today."""
    members = fetch_members(role=MembershipRole.MANAGER, by=request.actor)
    return render(request, "access/maintain_managers.html", {"members": members})


@guard(Represents(), Action.APPOINT_MANAGER)
@require_http_methods(["GET", "POST"])
def appoint_manager(request: GuardedRequest) -> HttpResponse:
    """By national ID, birth date and name; the person need never have logged in."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    done = add_member(
        request,
        form,
        lambda details: appoint(
            details=details, institution=own_institution(request), by=request.actor
        ),
        action=Action.APPOINT_MANAGER,
    )
    if done:
        messages.success(request, _("The manager is appointed."))
        return redirect("maintain_managers")
    status = 400 if form.errors else 200
    return render(request, "access/appoint_manager.html", {"form": form}, status=status)


@guard(Represents(), Action.END_MANAGER)
@require_http_methods(["GET", "POST"])
def end_manager(request: GuardedRequest, membership_id: UUID) -> HttpResponse:
    """Asks once more, and says when nobody is left to manage the institution."""
    if request.method == "GET":
        context = {
            "member": fetch_member(membership_id, role=MembershipRole.MANAGER, by=request.actor),
            "last": count_members(role=MembershipRole.MANAGER, by=request.actor) == 1,
        }
        return render(request, "access/end_manager.html", context)
    ended = end(membership=membership_id, by=request.actor)
    messages.success(request, _("The manager has ended; the next click is refused."))
    if not ended.left:
        messages.warning(request, _("Your institution has no manager now. Please appoint one."))
    return redirect("maintain_managers")
