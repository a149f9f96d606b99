"""What a change of a service's rules would do to the people who use it now (FEATURES A8, A14)."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.audiences import without_facility
from apps.access.foreseeing import permitted_sessions_sql
from apps.access.models import (
    Entitlement,
    Grant,
    Membership,
    NetworkApplication,
    Practice,
    Service,
)
from apps.access.purposes import find_purpose, purposes_of
from apps.access.services.proposals import column_values
from apps.access.terms import Facility, NetworkState, Profession, ProofRecency
from apps.access.wording import Effect, previews
from apps.accounts.terms import CardKind
from apps.audit.models import Event
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.institutions.terms import InstitutionKind

LOOKED_BACK = timedelta(days=30)

WORDS: dict[str, Any] = {
    "audience_kinds": InstitutionKind,
    "facilities": Facility,
    "professions": Profession,
    "card_kinds": CardKind,
    "manager_card_kinds": CardKind,
    "purposes": find_purpose,
}


@previews("access.service", words=WORDS, empty={"manager_card_kinds": _("the same as of users")})
def preview_rules(before: Model, after: Model) -> list[Effect]:
    """Counts of now: what is entitled, granted and open, and what of it the new rules refuse."""
    assert isinstance(before, Service)
    assert isinstance(after, Service)
    entitled = Entitlement.objects.in_force(clock.today()).filter(service=before)
    granted = Grant.objects.in_force(clock.now()).filter(content_object__service=before)
    places = entitled.values("institution").distinct()
    people = granted.values("user").distinct()
    return [
        Effect("entitled", _("Institutions entitled now"), places.count()),
        Effect(
            "other_kind",
            _("of these, of a kind that the service would not be meant for"),
            _of_other_kind(places, after).count(),
        ),
        Effect(
            "no_facility",
            _("of these, without a facility that would be asked for"),
            _without_facility(places, after).count(),
        ),
        Effect(
            "no_network",
            _("of these, without a registered network, where one would be needed"),
            _without_network(places).count() if after.needs_network else 0,
        ),
        Effect("granted", _("People authorized now"), people.count()),
        Effect(
            "other_profession",
            _("of these, without a proved profession that would be permitted"),
            of_other_profession(granted, after).values("user").distinct().count(),
        ),
        *_of_closed_purposes(after),
        Effect("sessions_before", _("Open sessions that may use it now"), count_permitted(before)),
        Effect("sessions_after", _("Open sessions that could use it then"), count_permitted(after)),
    ]


def count_permitted(service: Service) -> int:
    """How many open sessions may use the service under these rules, saved or not. One statement.

    Nobody knows from which address a session's next click will come, so the rule about networks is
    left out here; and where each query reads the card anew, no proof is too old for the next one.
    """
    now = clock.now()
    rules = column_values(service)
    if service.recency == ProofRecency.EACH:
        rules["recency"] = ProofRecency.SESSION
    values: dict[str, Any] = {
        "service": service.pk,
        "rules": json.dumps(rules),
        "now": now,
        "today": clock.day_of(now),
        "seen_after": now - settings.SESSION_IDLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(permitted_sessions_sql(), values)
        return int(cursor.fetchone()[0])


def _of_other_kind(places: QuerySet[Any], after: Service) -> QuerySet[Any]:
    if not after.audience_kinds:
        return places.none()
    return places.exclude(institution__kind__in=after.audience_kinds)


def _without_facility(places: QuerySet[Any], after: Service) -> QuerySet[Any]:
    lacking = without_facility(after)
    return places.none() if lacking is None else places.filter(lacking)


def _without_network(places: QuerySet[Any]) -> QuerySet[Any]:
    known = NetworkApplication.objects.filter(state=NetworkState.APPROVED)
    return places.exclude(institution__in=known.values("institution"))


def _of_closed_purposes(after: Service) -> list[Effect]:
    """By the access log, for services whose queries have a purpose."""
    if not purposes_of(after.pk):
        return []
    now = clock.now()
    asked = Event.objects.between(now - LOOKED_BACK, now).filter(
        service=after.pk, action=Action.QUERY_RECORDS, outcome=Outcome.PERMITTED
    )
    known = [each.value for each in purposes_of(after.pk)]
    closed = set(known) - set(after.purposes) if after.purposes else set()
    return [
        Effect(
            "closed_purposes",
            _("Answers of the last 30 days for a purpose that would be closed"),
            asked.filter(purpose__in=closed).count() if closed else 0,
        )
    ]


def of_other_profession(granted: QuerySet[Grant], after: Service) -> QuerySet[Grant]:
    """Grants whose holders the service's professions leave out.

    By what their cards or the practice register proved; who never logged in proved nothing yet.
    """
    if not after.professions:
        return granted.none()
    here = Q(institution=OuterRef("content_object__institution"))
    by_card = Membership.objects.filter(
        here, person=OuterRef("user"), profession__in=after.professions
    )
    by_register = Practice.objects.in_force(clock.today()).filter(
        here, practitioner=OuterRef("user__identity"), profession__in=after.professions
    )
    return granted.exclude(Exists(by_card)).exclude(Exists(by_register))
