"""統一授權: the operator entitles the institutions of a list; a second operator publishes.

With the flag "to the responsible professional" a campaign also gives a grant, bound to that office:
decide() lets it die with the office at once, follow_office gives it to the successor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.access.models import (
    CampaignLine,
    Entitlement,
    Grant,
    Membership,
    Service,
    UnifiedCampaign,
)
from apps.access.services.applications import about_entitlement
from apps.access.services.grants import move_to_history, open_grant
from apps.access.services.members import AlreadyMember, RolesExclude, make_member
from apps.access.terms import (
    CampaignState,
    EntitlementSource,
    EntitlementState,
    GrantSource,
    MembershipRole,
)
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.services import event, record_change, record_changes
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Denied, Invalid, NotFound
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus

# Longer lists entitle at once too, but their grants to responsible professionals come institution
# by institution (sweeping.follow_offices): thousands would keep one transaction open for minutes.
FOLLOWED_AT_ONCE = 200


class OwnDraft(Denied):
    code = "ACC-FOUR-EYES"
    message = _("A second operator must publish what you drafted.")
    way_on = _("Please ask a colleague to look at the preview and to publish.")


@dataclass(frozen=True)
class Listed:
    """An institution of the list by its code, and its responsible professional if named."""

    code: str
    responsible: UUID | None = None
    name: str = ""


class UnknownCodes(Invalid):
    code = "ACC-CODES"
    message = _("The list names institutions that are not in the register.")


def draft_campaign(
    *,
    name: str,
    service: Service,
    listed: Sequence[Listed],
    to_responsible: bool = False,
    valid_from: date | None = None,
    valid_until: date | None = None,
    by: Actor,
) -> UnifiedCampaign:
    """Keeps the list; nothing is permitted by it yet. Raises UnknownCodes with the codes."""
    lines = {each.code: each for each in listed}
    places = dict(Institution.objects.filter(code__in=lines).values_list("code", "pk"))
    if unknown := sorted(lines.keys() - places.keys()):
        raise UnknownCodes(detail={"codes": unknown})
    if not lines:
        raise Invalid(_("The list is empty."), code="ACC-EMPTY")
    with transaction.atomic():
        campaign = UnifiedCampaign.objects.create(
            name=name,
            service=service,
            to_responsible=to_responsible,
            valid_from=valid_from or clock.today(),
            valid_until=valid_until,
            made_by_id=by.a_person,
        )
        CampaignLine.objects.bulk_create(
            CampaignLine(
                campaign=campaign,
                institution_id=places[code],
                responsible_id=each.responsible,
                responsible_name=each.name,
            )
            for code, each in lines.items()
        )
        record_change(_about(Action.DRAFT_CAMPAIGN, campaign, count=len(lines), by=by))
    return campaign


def publish_campaign(*, campaign: UUID, by: Actor) -> int:
    """Entitles the institutions of the list that are active; how many. All or none.

    Raises OwnDraft for whoever drafted it, NotFound when it is no draft any more.
    """
    with transaction.atomic():
        held = _hold(campaign, CampaignState.DRAFT)
        if held.made_by_id == by.person:
            raise OwnDraft(reason="maker_is_checker")
        UnifiedCampaign.objects.filter(pk=campaign).update(
            state=CampaignState.PUBLISHED, published_by_id=by.person, published_at=clock.now()
        )
        lines = list(held.lines.filter(institution__status=InstitutionStatus.ACTIVE))
        entitlements = Entitlement.objects.bulk_create(
            Entitlement(
                institution_id=line.institution_id,
                service_id=held.service_id,
                source=EntitlementSource.UNIFIED,
                campaign=held,
                valid_from=held.valid_from,
                valid_until=held.valid_until,
            )
            for line in lines
        )
        record_changes(
            [about_entitlement(Action.OPEN_ENTITLEMENT, each, by=by) for each in entitlements]
        )
        record_change(_about(Action.PUBLISH_CAMPAIGN, held, count=len(entitlements), by=by))
        if held.to_responsible:
            _take_responsible(campaign)
            if len(lines) <= FOLLOWED_AT_ONCE:
                for line in lines:
                    follow_office(institution=line.institution_id, by=by)
    return len(entitlements)


def withdraw_campaign(*, campaign: UUID, reason: str, by: Actor) -> int:
    """Ends all that the campaign gave, at once; how many entitlements. Raises NotFound, Invalid."""
    if not reason.strip():
        raise Invalid(_("Please give a reason."), code="ACC-REASON")
    with transaction.atomic():
        held = _hold(campaign, CampaignState.DRAFT, CampaignState.PUBLISHED)
        UnifiedCampaign.objects.filter(pk=campaign).update(state=CampaignState.WITHDRAWN)
        ended = list(held.entitlements.exclude(state=EntitlementState.ENDED))
        held.entitlements.update(state=EntitlementState.ENDED)
        move_to_history(
            f"""content_object_id IN (SELECT id FROM {Entitlement._meta.db_table}
                WHERE campaign_id = %s)""",
            [campaign],
            reason=reason.strip(),
            by=by,
        )
        record_changes([about_entitlement(Action.END_ENTITLEMENT, each, by=by) for each in ended])
        record_change(
            _about(Action.WITHDRAW_CAMPAIGN, held, count=len(ended), note=reason.strip(), by=by)
        )
    return len(ended)


def follow_office(*, institution: UUID, by: Actor) -> None:
    """Moves the grants of the office to whoever is the responsible professional now."""
    place = Institution.objects.get(pk=institution)
    offices = Entitlement.objects.in_force(clock.today()).filter(
        institution=institution,
        campaign__to_responsible=True,
        campaign__state=CampaignState.PUBLISHED,
    )
    with transaction.atomic():
        _close_left_offices(place, by)
        person = _person_in_office(place)
        if person is None or not offices or not _belongs(person, institution, by):
            return
        for entitlement in offices:
            open_grant(
                person=person,
                entitlement=entitlement,
                source=GrantSource.UNIFIED,
                of_office=True,
                by=by,
            )


def _close_left_offices(place: Institution, by: Actor) -> None:
    left = (
        Grant.objects.filter(content_object__institution=place, of_office=True)
        .exclude(user__identity=place.responsible_id)
        .values_list("pk", flat=True)
    )
    if ids := list(left):
        move_to_history("id = ANY(%s)", [ids], reason="left the office", by=by)


def _person_in_office(place: Institution) -> Person | None:
    """The responsible professional, registered by the list's name when nobody knew them."""
    if place.responsible_id is None:
        return None
    listed = CampaignLine.objects.filter(
        institution=place, responsible=place.responsible_id
    ).exclude(responsible_name="")
    name = listed.values_list("responsible_name", flat=True).first()
    found = Person.objects.filter(identity=place.responsible_id).first()
    if found is None and name:
        found, _created = Person.objects.get_or_create(
            identity_id=place.responsible_id, defaults={"name": name}
        )
    return found


def _belongs(person: Person, institution: UUID, by: Actor) -> bool:
    """Makes the responsible professional a user there.

    An auditor cannot be one, and whom the institution dismissed does not come back by itself.
    """
    users = Membership.objects.filter(
        person=person, institution=institution, role=MembershipRole.USER
    )
    if users.exists():
        return users.in_force(clock.today()).exists()
    try:
        with transaction.atomic():
            make_member(person=person, institution=institution, role=MembershipRole.USER, by=by)
    except AlreadyMember:
        return True
    except RolesExclude:
        return False
    return True


def _take_responsible(campaign: UUID) -> None:
    """The list names who is responsible where the register does not say yet; it overrules nothing.

    One statement for the whole list.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {Institution._meta.db_table} place SET responsible_id = line.responsible_id
                FROM {CampaignLine._meta.db_table} line
                WHERE line.campaign_id = %s AND line.institution_id = place.id
                  AND line.responsible_id IS NOT NULL AND place.responsible_id IS NULL
                  AND place.status = '{InstitutionStatus.ACTIVE}'""",
            [campaign],
        )


def _hold(campaign: UUID, *states: CampaignState) -> UnifiedCampaign:
    held = UnifiedCampaign.objects.select_for_update().filter(pk=campaign, state__in=states).first()
    if held is None:
        raise NotFound(
            _("This unified authorization is no longer in this state."), code="ACC-STATE"
        )
    return held


def _about(
    action: Action, campaign: UnifiedCampaign, *, count: int, note: str = "", by: Actor
) -> dict[str, object]:
    return event(
        action,
        by=by,
        service=campaign.service_id,
        object_type="unified_campaign",
        object_id=str(campaign.pk),
        detail={"campaign": campaign.name, "count": count, "note": note},
    )
