"""What an operator should see before deciding: what a unified authorization would do (FEATURES A14),
and who shares addresses."""

from dataclasses import dataclass

from django.db.models import F, Q

from apps.access.audiences import without_facility
from apps.access.models import Entitlement, NetworkApplication, NetworkRange, UnifiedCampaign
from apps.access.terms import NetworkState
from apps.core import clock
from apps.institutions.terms import InstitutionStatus


@dataclass(frozen=True)
class Preview:
    """Numbers of institutions on the list."""

    listed: int
    inactive: int  # suspended or closed: left out
    entitled_already: int
    other_kind: int  # the service is not meant for them; decide() refuses there
    no_facility: int  # nor where the register knows no facility that it asks for
    with_responsible: int
    register_differs: int  # the register names somebody else: no grant is given there


def preview_campaign(campaign: UnifiedCampaign) -> Preview:
    """Counts before publishing.."""
    lines = campaign.lines.all()
    kinds = campaign.service.audience_kinds
    lacking = without_facility(campaign.service)
    entitled = Entitlement.objects.in_force(clock.today()).filter(service=campaign.service_id)
    named = lines.exclude(responsible=None)
    return Preview(
        listed=lines.count(),
        inactive=lines.exclude(institution__status=InstitutionStatus.ACTIVE).count(),
        entitled_already=lines.filter(institution__in=entitled.values("institution")).count(),
        other_kind=lines.exclude(institution__kind__in=kinds).count() if kinds else 0,
        no_facility=lines.filter(lacking).count() if lacking else 0,
        with_responsible=named.count(),
        register_differs=named.filter(
            ~Q(institution__responsible=None), ~Q(institution__responsible=F("responsible"))
        ).count(),
    )


def find_shared_addresses(network: NetworkApplication) -> list[NetworkRange]:
    """Approved addresses of other institutions that this application names too.

    Two in one house may share a line; a slip of the keyboard looks the same.
    """
    same = Q()
    for each in network.ranges.all():
        same |= Q(first_address__lte=each.last_address, last_address__gte=each.first_address)
    others = NetworkRange.objects.filter(application__state=NetworkState.APPROVED).exclude(
        application__institution=network.institution_id
    )
    return list(others.filter(same).select_related("application__institution")[:20])
