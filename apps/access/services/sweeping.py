"""What time does by itself: grants that expired, offices that changed by an import."""

from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from apps.access.models import Entitlement, Grant
from apps.access.services.grants import move_to_history
from apps.access.services.unified import follow_office
from apps.access.terms import CampaignState
from apps.audit.actors import Actor
from apps.core import clock


def close_expired_grants(*, by: Actor) -> int:
    """Moves grants past their end to the history; decide() refuses them from that moment anyway."""
    with transaction.atomic():
        closed = move_to_history("valid_until <= %s", [clock.now()], reason="expired", by=by)
    return len(closed)


def follow_offices(*, by: Actor) -> int:
    """Grants of offices whose holder changed since; how many institutions were concerned."""
    concerned = _left_offices() | _empty_offices()
    for institution in sorted(concerned):
        follow_office(institution=institution, by=by)
    return len(concerned)


def _left_offices() -> set[UUID]:
    left = Grant.objects.filter(of_office=True).exclude(
        user__identity=F("content_object__institution__responsible")
    )
    return set(left.values_list("content_object__institution", flat=True))


def _empty_offices() -> set[UUID]:
    offices = Entitlement.objects.in_force(clock.today()).filter(
        campaign__to_responsible=True, campaign__state=CampaignState.PUBLISHED
    )
    empty = offices.exclude(institution__responsible=None).filter(
        ~Q(grants__of_office=True) | Q(grants=None)
    )
    return set(empty.values_list("institution", flat=True))
