"""系統網路服務申請: an institution registers fixed addresses, the operator decides (manual 0)."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.access.models import NetworkApplication, NetworkRange
from apps.access.ranges import Range
from apps.access.terms import NetworkState
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Invalid, NotFound, Refusal
from apps.institutions.models import Institution


class RegisteredAlready(Refusal):
    code = "ACC-NETWORK"
    message = _("Your institution has applied for these addresses or has registered them already.")


def apply_for_network(
    *, ranges: Sequence[Range], institution: UUID, note: str = "", by: Actor
) -> NetworkApplication:
    """Asks the operator to know these addresses. Raises Invalid, RegisteredAlready (with which)."""
    if not ranges:
        raise Invalid(_("Please enter at least one address."), code="ACC-EMPTY")
    with transaction.atomic():
        # Two managers who apply at the same time wait for each other here.
        Institution.objects.select_for_update(no_key=True).get(pk=institution)
        known = fetch_live_ranges(institution)
        if twice := [each for each in ranges if any(each.overlaps(other) for other in known)]:
            raise RegisteredAlready(detail={"addresses": [str(each) for each in twice]})
        application = NetworkApplication.objects.create(
            institution_id=institution, note=note.strip(), requested_by_id=by.a_person
        )
        NetworkRange.objects.bulk_create(
            NetworkRange(
                application=application,
                first_address=str(each.first),
                last_address=str(each.last),
            )
            for each in ranges
        )
        record_change(_about(Action.APPLY_NETWORK, application, note=application.note, by=by))
    return application


def approve_network(*, application: UUID, reason: str = "", by: Actor) -> None:
    """The addresses count from now on. Raises NotFound when somebody else decided."""
    with transaction.atomic():
        _decide(NetworkState.APPROVED, application, reason=reason, by=by)


def reject_network(*, application: UUID, reason: str, by: Actor) -> None:
    """Refuses, with a reason that the institution reads. Raises Invalid, NotFound."""
    if not reason.strip():
        raise Invalid(_("Please give a reason for the rejection."), code="ACC-REASON")
    with transaction.atomic():
        _decide(NetworkState.REJECTED, application, reason=reason, by=by)


def end_network(*, application: UUID, reason: str, by: Actor) -> None:
    """The addresses no longer count as of now; also takes an open application back.

    A manager ends those of the own institution only. Raises Invalid, NotFound.
    """
    if not reason.strip():
        raise Invalid(_("Please give a reason."), code="ACC-REASON")
    mine = NetworkApplication.objects.live().filter(pk=application)
    if by.institution is not None:
        mine = mine.visible_to(by)
    with transaction.atomic():
        if not mine.update(state=NetworkState.ENDED):
            raise NotFound(_("This application is no longer open."), code="ACC-DECIDED")
        ended = NetworkApplication.objects.get(pk=application)
        record_change(_about(Action.END_NETWORK, ended, note=reason.strip(), by=by))


def fetch_live_ranges(institution: UUID) -> list[Range]:
    """What the institution has registered or asked for."""
    live = NetworkApplication.objects.live().filter(institution=institution)
    return [each.as_range for each in NetworkRange.objects.filter(application__in=live)]


def _decide(state: NetworkState, application: UUID, *, reason: str, by: Actor) -> None:
    changed = NetworkApplication.objects.filter(
        pk=application, state=NetworkState.REQUESTED
    ).update(state=state, decided_by_id=by.person, decided_at=clock.now(), reason=reason.strip())
    if not changed:
        raise NotFound(_("This application is no longer open."), code="ACC-DECIDED")
    decided = NetworkApplication.objects.get(pk=application)
    record_change(_about(Action.DECIDE_NETWORK, decided, note=decided.reason, by=by))


def _about(
    action: Action, application: NetworkApplication, *, note: str, by: Actor
) -> dict[str, object]:
    return event(
        action,
        by=by,
        object_type="network_application",
        object_id=str(application.pk),
        detail={
            "at_institution": str(application.institution_id),
            "state": application.state,
            "note": note,
        },
    )
