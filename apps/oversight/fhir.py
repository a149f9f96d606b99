"""Access events as FHIR R4 AuditEvent, after IHE's Basic Audit Log Patterns (docs/reference/fhir.md)."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.audit.models import Event
from apps.audit.terms import Action, Outcome
from apps.core.fhir import searching, words
from apps.core.fhir.resources import Resource
from apps.core.fhir.words import Json
from apps.identities.fhir import patient_parameters
from apps.workstations.fhir import ReadsForAuditor

DCM = "http://dicom.nema.org/resources/ontology/DCM"
ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OUTCOMES = {Outcome.PERMITTED: "0", Outcome.REFUSED: "4", Outcome.FAILED: "8"}
LOGINS = frozenset({"log_in", "log_out", "step_up"})
# C create, R read, U update, D delete, E execute: by the verb that every action begins with.
VERBS = {
    "C": ("add_", "open_", "book_", "give_", "issue_", "draft_", "apply_", "save_", "join_"),
    "U": ("change_", "move_", "mark_", "assign_", "note_", "close_", "publish_", "withdraw_"),
    "D": ("remove_", "cancel_", "end_", "expire_", "revoke_", "leave_"),
    "R": ("show_", "read_", "search_", "check_", "query_", "print_", "take_", "download_"),
}


def write_event(event: Event) -> Json:
    """The resource. People, institutions and patients stand there by the random ids of the log."""
    return words.without_gaps(
        {
            "resourceType": "AuditEvent",
            "id": str(event.id),
            "type": _type(event),
            "subtype": [words.coding(words.system("action"), event.action, _label(event))],
            "action": _verb(event.action),
            "recorded": event.recorded_at.isoformat(timespec="milliseconds"),
            "outcome": OUTCOMES[Outcome(event.outcome)],
            "outcomeDesc": event.reason,
            "purposeOfEvent": _concepts("purpose", event.purpose),
            "agent": _agents(event),
            "source": {"site": "Ankang", "observer": {"display": "Ankang"}},
            "entity": _entities(event),
        }
    )


def _label(event: Event) -> str:
    return str(event.get_action_display())


def _type(event: Event) -> Json:
    if event.action in LOGINS:
        return words.coding(DCM, "110114", "User Authentication")
    if event.patient:
        return words.coding(DCM, "110110", "Patient Record")
    return words.coding(DCM, "110100", "Application Activity")


def _verb(action: str) -> str:
    return next((verb for verb, begins in VERBS.items() if action.startswith(begins)), "E")


def _concepts(name: str, code: str) -> list[Json]:
    return [{"coding": [words.coding(words.system(name), code)]}] if code else []


def _agents(event: Event) -> list[Json]:
    """Who, for which institution; one agent at least, which R4 wants."""
    network = {"address": event.ip, "type": "2"} if event.ip else {}
    person = words.without_gaps(
        {
            "type": words.concept("", words.coding(DCM, "110153", "Source Role ID")),
            "role": _concepts("role", event.role),
            "who": _who("Practitioner", "person", event.actor),
            "requestor": True,
            "policy": [
                f"urn:uuid:{each}" for each in (event.grant_id, event.entitlement_id) if each
            ],
            "media": words.coding(words.system("card"), event.card_kind) if event.card_kind else {},
            "network": network,
        }
    )
    if event.institution is None:
        return [person]
    place = {"who": _who("Organization", "institution", event.institution), "requestor": False}
    return [person, place]


def _who(kind: str, name: str, value: UUID | None) -> Json:
    if value is None:
        return {"display": "unknown"}
    return words.logical_reference(kind, words.system(name), value)


def _entities(event: Event) -> list[Json]:
    found: list[Json] = []
    if event.patient:
        found.append(
            {
                "what": words.patient_reference(event.patient),
                "type": words.coding(ENTITY, "1", "Person"),
                "role": words.coding(ROLES, "1", "Patient"),
            }
        )
    if event.object_id:
        named = words.system(event.object_type or "object")
        found.append({"what": {"identifier": {"system": named, "value": event.object_id}}})
    if event.consent_reference:
        found.append(
            {"what": {"identifier": {"value": event.consent_reference}}, "description": "consent"}
        )
    if event.request_id:
        request = {"system": words.system("request"), "value": str(event.request_id)}
        found.append({"what": {"identifier": request}, "description": "X-Request-Id"})
    return found


def _patient_of(event: Any) -> UUID | None:
    found: UUID | None = event.patient
    return found


def _by_id(name: str, about: str, lookup: str, system: str) -> searching.Parameter:
    def narrow(text: str) -> Q:
        uri, _bar, value = text.rpartition("|")
        if uri not in ("", words.system(system)):
            raise ValueError("another naming system")
        return Q(**{lookup: UUID(value)})

    return searching.Parameter(name, "token", about, narrow)


AUDIT_EVENT = Resource(
    kind="AuditEvent",
    about="The access log, for programs of an auditor who is logged in; reading it is an event itself.",
    rows=lambda by: Event.objects.all(),
    write=write_event,
    order=("-recorded_at", "-id"),
    policy=ReadsForAuditor(),
    parameters=(
        searching.row_id(int),
        searching.moment("date", "When it was recorded", "recorded_at"),
        *patient_parameters("patient"),
        _by_id("agent:identifier", "The user, by id", "actor", "person"),
        _by_id("organization:identifier", "The institution, by id", "institution", "institution"),
        searching.token(
            "subtype", "The action", "action", {each.value: each.value for each in Action}
        ),
        searching.token(
            "outcome", "0, 4 or 8", "outcome", {v: k.value for k, v in OUTCOMES.items()}
        ),
        searching.token("service", "Service code", "service"),
    ),
    patient_of=_patient_of,
)
