"""An access event in plain words, for people who do not know what a grant id is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.access.models import Service
from apps.audit.actors import SYSTEM_ROLE
from apps.audit.models import Event
from apps.audit.terms import Outcome
from apps.oversight.lines import Line
from apps.oversight.terms import OwnRole
from apps.oversight.words import CARDS, CONSENTS, PURPOSES, REASONS, ROLES, words_of


@dataclass(frozen=True)
class Fact:
    """`name` names the part of the event for programs."""

    name: str
    label: str | Promise
    value: str


def tell(line: Line, *, services: dict[str, str] | None = None) -> str:
    """One sentence: who, from where, did what, to whom, and how it ended."""
    event = line.event
    parts = {
        "who": _who(line),
        "action": event.get_action_display(),
        "service": _service(event.service, services),
    }
    if event.service and event.patient:
        text = _("{who} in the service {service}, about a patient: {action}.")
    elif event.service:
        text = _("{who} in the service {service}: {action}.")
    elif event.patient:
        text = _("{who}, about a patient: {action}.")
    else:
        text = _("{who}: {action}.")
    return text.format(**parts) + _ending(event)


def _who(line: Line) -> str:
    if line.event.role == SYSTEM_ROLE:
        return _("The platform itself ({job})").format(job=line.event.detail.get("job", "—"))
    if line.event.role == OwnRole.PATIENT:
        return _("The person concerned")
    name = line.actor or _("Somebody who was not logged in")
    return (
        _("{name} of {place}").format(name=name, place=line.institution)
        if line.institution
        else name
    )


def _service(code: str, services: dict[str, str] | None) -> str:
    return f"{code} {services[code]}" if services and code in services else code


def _ending(event: Event) -> str:
    if event.outcome == Outcome.PERMITTED:
        return ""
    if event.outcome == Outcome.FAILED:
        return " " + _("A fault of the platform ended it.")
    why = words_of(event.reason, *REASONS)
    return " " + _("It was refused: {why}").format(why=why)


def service_names() -> dict[str, str]:
    return {each.code: each.label for each in Service.objects.all()}


def facts_of(line: Line) -> list[Fact]:
    """Every part of the event that is known, in the order in which one asks."""
    event = line.event
    told: Sequence[tuple[str, str | Promise, object]] = (
        ("recorded_at", gettext_lazy("Time"), _moment(event.recorded_at)),
        (
            "happened_at",
            gettext_lazy("Happened at, kept during a downtime"),
            _moment(event.happened_at) if event.happened_at != event.recorded_at else "",
        ),
        ("actor", gettext_lazy("Who"), line.actor or event.actor),
        ("role", gettext_lazy("Role"), words_of(event.role, *ROLES)),
        ("institution", gettext_lazy("Institution"), line.institution or event.institution),
        ("workstation", gettext_lazy("Workstation"), event.workstation),
        ("card_kind", gettext_lazy("Card"), words_of(event.card_kind, *CARDS)),
        ("card_serial", gettext_lazy("Serial number of the card"), event.card_serial),
        ("card_proof_at", gettext_lazy("Card last proven at"), _moment(event.card_proof_at)),
        ("service", gettext_lazy("Service"), event.service),
        ("action", gettext_lazy("Action"), event.get_action_display()),
        ("patient", gettext_lazy("Patient"), event.patient),
        ("purpose", gettext_lazy("Purpose"), words_of(event.purpose, *PURPOSES)),
        ("consent", gettext_lazy("Consent"), words_of(event.consent, *CONSENTS)),
        ("consent_reference", gettext_lazy("Evidence of the consent"), event.consent_reference),
        ("outcome", gettext_lazy("Result"), event.get_outcome_display()),
        ("reason", gettext_lazy("Reason"), words_of(event.reason, *REASONS)),
        ("result_count", gettext_lazy("Number of results"), event.result_count),
        ("object", gettext_lazy("Object"), f"{event.object_type} {event.object_id}".strip()),
        ("detail", gettext_lazy("Details"), _detail(event)),
        ("ip", gettext_lazy("IP address"), event.ip),
        ("grant_id", gettext_lazy("Allowed by the grant"), event.grant_id),
        ("entitlement_id", gettext_lazy("Allowed by the entitlement"), event.entitlement_id),
        ("session", pgettext_lazy("access log", "Session"), event.session),
        ("request_id", gettext_lazy("Request"), event.request_id),
        ("id", gettext_lazy("Number of the event"), event.id),
    )
    return [Fact(name, label, str(value)) for name, label, value in told if value not in (None, "")]


def _detail(event: Event) -> str:
    return "; ".join(f"{key}: {value}" for key, value in sorted(event.detail.items()))


def _moment(moment: object) -> str:
    return f"{timezone.localtime(moment):%Y/%m/%d %H:%M:%S}" if isinstance(moment, datetime) else ""
