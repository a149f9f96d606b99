"""What operators do with campaigns and their sites (FEATURES C1, C15, C16).

The rules of a campaign are drafted by one operator and published by another
(access.services.proposals); what stands here only restricts, or appoints sites.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.access.services.applications import open_entitlement
from apps.access.terms import EntitlementSource
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Campaign, Site
from apps.booking.services.cities import OF_OPERATOR
from apps.booking.services.days import cancel_day, move_day
from apps.booking.services.refusals import BrandNotGiven, UnknownSites
from apps.booking.terms import SERVICE, SITE_SERVICE
from apps.core import clock
from apps.core.errors import NotFound
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus


@dataclass(frozen=True)
class Appointed:
    """An institution by its code, and what it gives."""

    code: str
    brands: tuple[str, ...]


def appoint_sites(*, campaign: UUID, appointed: Sequence[Appointed], by: Actor) -> int:
    """Makes these institutions sites of the campaign, one per brand, and entitles them to manage
    them; how many sites are new or open again.

    All or none: raises UnknownSites or BrandNotGiven with what is wrong, NotFound.
    """
    with transaction.atomic():
        held = _hold(campaign)
        places = _places(appointed)
        _check_brands(held, appointed)
        count = 0
        for each in appointed:
            place = places[each.code]
            count += sum(_appoint(held, place, brand) for brand in each.brands)
            open_entitlement(
                institution=place,
                service=SITE_SERVICE,
                source=EntitlementSource.OPERATOR,
                by=by,
            )
        _record(Action.APPOINT_SITES, campaign=held, count=count, by=by)
    return count


def _places(appointed: Sequence[Appointed]) -> dict[str, UUID]:
    codes = [each.code for each in appointed]
    active = Institution.objects.filter(code__in=codes, status=InstitutionStatus.ACTIVE)
    places = dict(active.values_list("code", "pk"))
    if unknown := sorted(set(codes) - places.keys()):
        raise UnknownSites(detail={"codes": unknown})
    return places


def _check_brands(campaign: Campaign, appointed: Sequence[Appointed]) -> None:
    wanted = {brand for each in appointed for brand in each.brands}
    if campaign.brands and (others := sorted(wanted - set(campaign.brands))):
        raise BrandNotGiven(detail={"codes": others})


def _appoint(campaign: Campaign, place: UUID, brand: str) -> bool:
    site, made = Site.objects.get_or_create(campaign=campaign, institution_id=place, brand=brand)
    return made or bool(Site.objects.filter(pk=site.pk, active=False).update(active=True))


def end_site(*, site: UUID, reason: str, by: Actor) -> None:
    """Nobody can be booked there any more; who is booked stays booked. Raises NotFound."""
    _set_active(site, active=False, reason=reason, by=by)


def resume_site(*, site: UUID, by: Actor) -> None:
    """Its slots can be booked again. Raises NotFound."""
    _set_active(site, active=True, reason="", by=by)


def _set_active(site: UUID, *, active: bool, reason: str, by: Actor) -> None:
    with transaction.atomic():
        if not Site.objects.filter(pk=site, active=not active).update(active=active):
            raise NotFound(_("This site is in this state already."), code="VBC-STATE")
        _record(Action.CHANGE_SITE, site=site, note=reason, by=by)


def end_campaign(*, campaign: UUID, reason: str, by: Actor) -> None:
    """The booking period is over as of now: nobody books, changes or cancels any more.

    Who is booked stays booked. One operator suffices, because it only restricts. Raises NotFound.
    """
    with transaction.atomic():
        held = _hold(campaign)
        now = clock.now()
        if not held.books_from < now < held.books_until:
            raise NotFound(_("The booking period is not running."), code="VBC-STATE")
        Campaign.objects.filter(pk=campaign).update(books_until=now)
        _record(Action.END_CAMPAIGN, campaign=held, note=reason, by=by)


def cancel_site_day(*, site: UUID, day: date, sure: bool, by: Actor) -> int:
    """An operator calls off a day of a site; how many people it concerned. Raises NotFound."""
    return cancel_day(site=_fetch_site(site), day=day, decision=OF_OPERATOR, by=by)


def move_site_day(*, site: UUID, day: date, to: date, by: Actor) -> int:
    """An operator moves a day of a site to another; how many people it concerned. Raises NotFound."""
    return move_day(site=_fetch_site(site), day=day, to=to, decision=OF_OPERATOR, by=by)


def _fetch_site(site: UUID) -> Site:
    found = Site.objects.filter(pk=site).first()
    if found is None:
        raise NotFound(reason="no_such_site")
    return found


def _hold(campaign: UUID) -> Campaign:
    held = Campaign.objects.select_for_update(no_key=True).filter(pk=campaign).first()
    if held is None:
        raise NotFound(reason="no_such_campaign")
    return held


def _record(
    action: Action,
    *,
    campaign: Campaign | None = None,
    site: UUID | None = None,
    count: int | None = None,
    note: str = "",
    by: Actor,
) -> None:
    detail = {"campaign": campaign.code} if campaign else {"site": str(site)}
    record_change(
        event(
            action,
            by=by,
            service=SERVICE,
            object_type="campaign" if campaign else "site",
            object_id=str(campaign.pk if campaign else site),
            result_count=count,
            detail=detail | ({"note": note.strip()} if note.strip() else {}),
        )
    )
