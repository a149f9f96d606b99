"""Fetches that refuse: a query is opened by its session, after the alert, with consent where needed."""

from uuid import UUID

from django.utils.translation import get_language

from apps.access.guards import PurposeClosed
from apps.access.http import GuardedRequest
from apps.access.terms import Reason
from apps.audit.actors import Actor
from apps.emergency.cases import Case
from apps.emergency.models import EmergencyCase, EmergencyText
from apps.emergency.refusals import AlertFirst, ConsentFirst, TabNotShown
from apps.emergency.registry import EmergencyTab, find_emergency_tab
from apps.emergency.terms import Place
from apps.institutions.models import Institution
from apps.queries.refusals import ConsentRefused, QueryGone
from apps.queries.services import prove_query
from apps.queries.terms import Consent


def fetch_case(request: GuardedRequest, query_id: UUID) -> Case:
    """The proved query of this session, named on the request so that refusals name the patient.

    One statement. Raises QueryGone, PurposeClosed and ProofNeeded.
    """
    found = (
        EmergencyCase.objects.visible_to(request.actor)
        .with_standing()
        .filter(query_id=query_id)
        .first()
    )
    if found is None:
        raise QueryGone(reason="query_expired_or_of_another_session")
    request.patient = found.query.patient_id
    if not request.decision.allows(found.query.purpose):
        raise PurposeClosed(reason=Reason.WRONG_PURPOSE)
    prove_query(query=found.query, decision=request.decision, by=request.actor)
    return Case.of(found, session=request.session.record)


def fetch_open_case(request: GuardedRequest, query_id: UUID) -> Case:
    """A case whose tabs may be opened. Raises AlertFirst, ConsentFirst and ConsentRefused too."""
    case = fetch_case(request, query_id)
    if case.alert_is_open:
        raise AlertFirst(reason="alert_not_closed")
    if case.query.consent == Consent.REFUSED:
        raise ConsentRefused(reason="consent_refused")
    if case.needs_consent:
        raise ConsentFirst(reason="consent_missing")
    return case


def fetch_warnings() -> list[str]:
    """What stands before every query, in the reader's language (manual 3, 四(一))."""
    name = "text_en" if get_language() == "en" else "text"
    found = EmergencyText.objects.filter(place=Place.WARNING)
    return list(found.order_by("position").values_list(name, flat=True))


def fetch_institution(by: Actor) -> Institution:
    """The institution of a session behind `Uses`, which always has one."""
    assert by.institution is not None
    return Institution.objects.get(pk=by.institution)


def fetch_tab(case: Case, name: str) -> EmergencyTab:
    """One of the tabs that this profession sees. Raises NotFound and TabNotShown."""
    tab = find_emergency_tab(name)
    if tab not in case.tabs:
        raise TabNotShown(reason="tab_not_for_profession")
    return tab
