"""機構使用者維護作業: the manager adds, lists and ends users (manual 1, STEP.3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.access.fetches import fetch_member, fetch_members
from apps.access.forms import PeopleFileForm, PersonForm
from apps.access.guards import Manages, guard, record_refusal
from apps.access.http import GuardedRequest, own_institution, wanted_page
from apps.access.peoplefiles import LARGEST, LineError, PeopleFile, read_people
from apps.access.professions import fetch_professions
from apps.access.services.files_of_users import add_users
from apps.access.services.members import add_user as add
from apps.access.services.members import end_user as end
from apps.access.terms import MembershipRole
from apps.access.views.members import add_member
from apps.audit.terms import Action
from apps.core.errors import Refusal


@guard(Manages())
@require_http_methods(["GET", "POST"])
def maintain_users(request: GuardedRequest) -> HttpResponse:
    """The users, a page at a time. A search is posted: it may be a national ID."""
    search = request.POST.get("search", "")
    members = fetch_members(
        role=MembershipRole.USER, search=search, page=wanted_page(request), by=request.actor
    )
    professions = fetch_professions([line.membership for line in members.lines])
    lines = [(line, professions.get(line.membership.pk)) for line in members.lines]
    context = {"members": members, "lines": lines, "search": search}
    return render(request, "access/maintain_users.html", context)


@guard(Manages(), Action.ADD_USER)
@require_http_methods(["GET", "POST"])
def add_user(request: GuardedRequest) -> HttpResponse:
    form = PersonForm(request.POST if request.method == "POST" else None)
    done = add_member(
        request,
        form,
        lambda details: add(
            details=details, institution=own_institution(request), by=request.actor
        ),
        action=Action.ADD_USER,
    )
    if done:
        messages.success(request, _("The user is added. Rights come with an authorization."))
        return redirect("maintain_users")
    context = {"form": form, "file_form": PeopleFileForm(prefix="people")}
    return render(request, "access/add_user.html", context, status=400 if form.errors else 200)


@guard(Manages(), Action.ADD_USER)
@require_POST
def add_users_by_file(request: GuardedRequest) -> HttpResponse:
    """All lines of the file, or none; what is wrong is listed by line."""
    file_form = PeopleFileForm(request.POST, request.FILES, prefix="people")
    people = PeopleFile()
    if file_form.is_valid():
        people = read_people(file_form.cleaned_data["file"].read(LARGEST + 1))
        if not people.errors:
            try:
                count = add_users(
                    people=people.people, institution=own_institution(request), by=request.actor
                )
            except Refusal as refusal:
                record_refusal(request, refusal, action=Action.ADD_USER)
                people.errors += [
                    LineError(people.lines[place], told)
                    for place, told in refusal.detail["refused"].items()
                ]
            else:
                messages.success(
                    request,
                    ngettext("%(count)s user was added.", "%(count)s users were added.", count)
                    % {"count": count},
                )
                return redirect("maintain_users")
    context = {"form": PersonForm(), "file_form": file_form, "file_errors": people.errors}
    return render(request, "access/add_user.html", context, status=400)


@guard(Manages(), Action.END_USER)
@require_http_methods(["GET", "POST"])
def end_user(request: GuardedRequest, membership_id: UUID) -> HttpResponse:
    """Asks once more: the grants here end with the membership."""
    if request.method == "GET":
        member = fetch_member(membership_id, role=MembershipRole.USER, by=request.actor)
        return render(request, "access/end_user.html", {"member": member})
    end(membership=membership_id, by=request.actor)
    messages.success(request, _("The user has ended; the next click is refused."))
    return redirect("maintain_users")
