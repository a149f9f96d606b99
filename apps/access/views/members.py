"""What the pages of managers and of users share."""

from collections.abc import Callable

from apps.access.forms import PersonForm
from apps.access.guards import record_refusal
from apps.access.http import GuardedRequest
from apps.access.models import Membership
from apps.access.services.members import AlreadyMember, RolesExclude
from apps.access.services.people import DetailsDiffer, PersonDetails
from apps.audit.terms import Action


def add_member(
    request: GuardedRequest,
    form: PersonForm,
    add: Callable[[PersonDetails], Membership],
    *,
    action: Action,
) -> Membership | None:
    """Adds the person of a posted form; a refusal stands in the form, and in the access log."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return add(form.details())
    except (AlreadyMember, RolesExclude, DetailsDiffer) as refusal:
        record_refusal(request, refusal, action=action)
        form.add_error(None, f"{refusal.message} {refusal.way_on} [{refusal.code}]")
        return None
