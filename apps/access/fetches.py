"""What the pages of representatives and managers show; only of the session's own institution."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from apps.access.audiences import has_facility
from apps.access.models import (
    Entitlement,
    Grant,
    GrantHistory,
    Membership,
    NetworkApplication,
    Service,
    ServiceApplication,
)
from apps.access.terms import ApplicationState, MembershipRole
from apps.audit.actors import Actor
from apps.audit.models import Event
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.core.errors import NotFound
from apps.identities.masking import mask_national_id
from apps.identities.models import Identifier
from apps.identities.numbers import InvalidNumber
from apps.identities.services import find, reveal
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution

PAGE = 20


@dataclass(frozen=True)
class Member:
    """A membership as a list shows it, the number masked."""

    membership: Membership
    masked_id: str


@dataclass(frozen=True)
class Members:
    lines: list[Member]
    page: Page[Membership]

    @property
    def numbers(self) -> list[int | str]:
        """The page numbers to offer, with gaps."""
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2))


def fetch_members(*, role: MembershipRole, search: str = "", page: str = "1", by: Actor) -> Members:
    """A page of the institution's managers or users. Three statements, four for a number."""
    shown = Paginator(members_matching(search, role=role, by=by), PAGE).get_page(page)
    return Members(with_numbers(shown), shown)


def members_matching(
    search: str, *, role: MembershipRole | None, by: Actor
) -> QuerySet[Membership]:
    """By a part of the name, or by the whole national ID; everybody for an empty search.

    `role` None: of both roles.
    """
    members = (
        Membership.objects.in_force(clock.today())
        .visible_to(by)
        .filter(role__in=[role] if role else MembershipRole.values)
        .select_related("person", "appointed_by")
        .order_by("person__name", "pk")
    )
    search = search.strip()
    if not search:
        return members
    try:
        identity = find(kind=IdentifierKind.NATIONAL_ID, value=search)
    except InvalidNumber:
        return members.filter(person__name__icontains=search)
    return members.filter(person__identity=identity)


def fetch_member(membership: UUID, *, role: MembershipRole, by: Actor) -> Member:
    """One manager or user of the institution; raises NotFound for others and ended ones."""
    found = members_matching("", role=role, by=by).filter(pk=membership).first()
    if found is None:
        raise NotFound(reason="membership_not_here")
    return with_numbers([found])[0]


def count_members(*, role: MembershipRole, by: Actor) -> int:
    return members_matching("", role=role, by=by).count()


def masked_ids(identities: Collection[UUID]) -> dict[UUID, str]:
    """`A223****81` for each identity that has a national ID. One statement."""
    numbers = Identifier.objects.filter(identity__in=identities, kind=IdentifierKind.NATIONAL_ID)
    return {each.identity_id: mask_national_id(reveal(each)) for each in numbers}


def with_numbers(members: Iterable[Membership]) -> list[Member]:
    members = list(members)
    masked = masked_ids([each.person.identity_id for each in members])
    return [Member(each, masked.get(each.person.identity_id, "")) for each in members]


def fetch_entitlements(*, by: Actor) -> list[Entitlement]:
    """What the institution may use now, in the order of the services."""
    return list(
        Entitlement.objects.visible_to(by)
        .in_force(clock.today())
        .select_related("service", "campaign")
        .order_by("service__position", "service", "source", "pk")
    )


def fetch_entitlement(entitlement: UUID, *, by: Actor) -> Entitlement:
    """One that the institution may use now, with `held`, the number of its grants."""
    found = (
        Entitlement.objects.visible_to(by)
        .in_force(clock.today())
        .select_related("service")
        .annotate(held=Count("grants"))
        .filter(pk=entitlement)
        .first()
    )
    if found is None:
        raise NotFound(reason="entitlement_not_here")
    return found


def with_grants(members: QuerySet[Membership], entitlement: Entitlement) -> QuerySet[Any]:
    """Each with `granted`, `of_office` and `granted_until` under this entitlement."""
    grants = Grant.objects.filter(content_object=entitlement, user=OuterRef("person"))
    return members.annotate(
        granted=Exists(grants),
        of_office=Exists(grants.filter(of_office=True)),
        granted_until=Subquery(grants.values("valid_until")[:1]),
    )


def held_among(people: Collection[UUID], entitlement: Entitlement) -> set[UUID]:
    """Who of `people` has a grant under this entitlement."""
    return set(entitlement.grants.filter(user__in=people).values_list("user", flat=True))


@dataclass(frozen=True)
class Offer:
    """A service for this kind of institution: what it has, and what became of its last request."""

    service: Service
    entitlement: Entitlement | None
    application: ServiceApplication | None
    facility_missing: bool = False

    @property
    def can_apply(self) -> bool:
        asked = self.application and self.application.state == ApplicationState.REQUESTED
        return not self.entitlement and not asked and not self.facility_missing


def own(by: Actor) -> UUID:
    """The institution of a session behind `Manages` or `Represents`, which always has one."""
    assert by.institution is not None
    return by.institution


def fetch_offers(*, by: Actor) -> list[Offer]:
    """What the institution has and may ask for. Four statements."""
    place = Institution.objects.get(pk=own(by))
    services = Service.objects.filter(enabled=True).filter(
        Q(audience_kinds=[]) | Q(audience_kinds__contains=[place.kind])
    )
    entitled = {each.service_id: each for each in fetch_entitlements(by=by)}
    asked = {
        each.service_id: each
        for each in ServiceApplication.objects.filter(institution=by.institution).order_by(
            "requested_at"
        )
    }
    return [
        Offer(each, entitled.get(each.pk), asked.get(each.pk), not has_facility(each, place))
        for each in services
    ]


def fetch_networks(*, by: Actor) -> list[NetworkApplication]:
    """The institution's applications for system networks, the newest first. Two statements."""
    mine = NetworkApplication.objects.visible_to(by).select_related("requested_by")
    return list(mine.prefetch_related("ranges").order_by("-requested_at", "pk"))


def fetch_network(application: UUID, *, by: Actor) -> NetworkApplication:
    """One that waits or counts; raises NotFound for others and for what has ended."""
    found = NetworkApplication.objects.visible_to(by).live().filter(pk=application).first()
    if found is None:
        raise NotFound(reason="network_not_here")
    return found


def fetch_expiring_grants(*, within: timedelta = timedelta(days=30), by: Actor) -> list[Grant]:
    """Grants of the institution that end soon, the next first."""
    now = clock.now()
    return list(
        _grants_here(by)
        .filter(valid_until__gt=now, valid_until__lte=now + within)
        .order_by("valid_until", "pk")
    )


def fetch_unused_grants(*, since: timedelta = timedelta(days=90), by: Actor) -> list[Grant]:
    """Grants older than `since` under which nothing was done in that time (FEATURES A11).

    The access log says what was used: each permitted event names the grant that allowed it.
    """

    now = clock.now()
    used = (
        Event.objects.filter(
            institution=by.institution,
            recorded_at__gt=now - since,
            outcome=Outcome.PERMITTED,
            grant_id__isnull=False,
        )
        .exclude(action__in=[Action.OPEN_GRANT, Action.CLOSE_GRANT])
        .values("grant_id")
    )
    return list(
        _grants_here(by)
        .filter(granted_at__lte=now - since)
        .exclude(pk__in=used)
        .order_by("granted_at", "pk")
    )


def fetch_closed_names(grants: Collection[UUID], *, by: Actor) -> list[str]:
    """Whose authorizations these were that somebody else closed; of the own institution only."""
    closed = GrantHistory.objects.filter(pk__in=grants, entitlement__institution=by.institution)
    names = closed.order_by("person__name", "pk").values_list("person__name", flat=True)
    return list(names) if grants else []


def _grants_here(by: Actor) -> QuerySet[Grant]:
    return Grant.objects.filter(content_object__institution=by.institution).select_related(
        "user", "content_object__service"
    )
