"""What an access event looks like before it is written."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.audit.actors import Actor
from apps.audit.terms import DETAIL_KEYS, FREE_TEXT_KEYS, Action, Outcome

# A national ID, or a resident certificate number of either generation. The edges keep it from
# matching inside the UUIDs and digests that events are full of.
_NATIONAL_ID = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Da-d1289][0-9]{8}(?![A-Za-z0-9])")
_BLANK = "**********"

Event = dict[str, Any]


def event(
    action: Action,
    *,
    by: Actor,
    outcome: Outcome = Outcome.PERMITTED,
    service: str = "",
    patient: UUID | None = None,
    object_type: str = "",
    object_id: str = "",
    reason: str = "",
    purpose: str = "",
    consent: str = "",
    consent_reference: str = "",
    result_count: int | None = None,
    entitlement_id: UUID | None = None,
    grant_id: UUID | None = None,
    policy_version: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """One action on one patient, ready for JSON; parts that are not known are left out.

    Time, order, shard and salt are stamped by the database. Raises ValueError for a detail that is
    not on the allow-list (terms.DETAIL_KEYS), for a value that is no str, int, bool or None, and
    for anything shaped like a national ID.
    """
    facts = {
        "action": Action(action).value,
        "outcome": Outcome(outcome).value,
        "reason": str(reason),
        "actor": by.person,
        "role": str(by.role),
        "institution": by.institution,
        "session": by.session,
        "workstation": by.workstation,
        "card_kind": str(by.card_kind),
        "card_serial": by.card_serial,
        "card_proof_at": by.card_proof_at,
        "ip": by.ip,
        "service": str(service),
        "object_type": object_type,
        "object_id": str(object_id),
        "patient": patient,
        "purpose": str(purpose),
        "consent": str(consent),
        "consent_reference": consent_reference,
        "result_count": result_count,
        "entitlement_id": entitlement_id,
        "grant_id": grant_id,
        "policy_version": policy_version,
        "request_id": by.request_id,
    }
    known = {key: _plain(key, value) for key, value in facts.items() if value not in (None, "")}
    more = _detail(detail or {}, by)
    return known | {"detail": more} if more else known


def as_json(event: Event) -> str:
    """The parameter of APPEND."""
    return json.dumps(event)


def _plain(key: str, value: Any) -> str | int:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, int):
        return value
    return _without_national_id(key, str(value))


def _detail(given: Mapping[str, Any], by: Actor) -> dict[str, str | int | bool | None]:
    detail = dict(given) | ({"job": by.job} if by.job else {})
    detail |= {"unsealed": True} if by.unsealed else {}
    if unknown := detail.keys() - DETAIL_KEYS:
        raise ValueError(f"not on the allow-list of event details: {sorted(unknown)}")
    return {key: _detail_value(key, value) for key, value in detail.items()}


def _detail_value(key: str, value: Any) -> str | int | bool | None:
    if value is None or isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise ValueError(f"the event detail {key!r} is neither text nor a number")
    if key in FREE_TEXT_KEYS:
        return _NATIONAL_ID.sub(_BLANK, unicodedata.normalize("NFKC", value))
    return _without_national_id(key, str(value))


def holds_national_id(text: str) -> bool:
    """Whether something like a national ID stands in the text, in full-width characters too."""
    return bool(_NATIONAL_ID.search(unicodedata.normalize("NFKC", text)))


def _without_national_id(key: str, text: str) -> str:
    """Full-width digits count too. The value itself stays out of the message: messages are logged."""
    if holds_national_id(text):
        raise ValueError(f"the event part {key!r} holds something like a national ID")
    return text
