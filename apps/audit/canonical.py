"""The bytes of an event that are sealed: one form, the same for ever, for everybody.

The form is versioned by the event's own `schema_version` and described, for outsiders, in
docs/reference/audit-proof.md. The database hands every part out as text or a whole number, so that
neither a driver nor a time zone setting nor Python's idea of a float has a say in it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from apps.audit.merkle import leaf_hash

SALT_BYTES = 16
# The next version adds its parts here; those of old events are NULL or '' and left out.
SCHEMA_VERSION = 1


def _moment(column: str) -> str:
    """ISO 8601 in UTC, microseconds without trailing zeros; to_json looks at no DateStyle."""
    return f"to_json({column} AT TIME ZONE 'UTC') #>> '{{}}' || 'Z'"


_EXPRESSIONS = {
    "xid": "xid::text",  # 64 bits: more than a JSON number holds everywhere
    "recorded_at": _moment("recorded_at"),
    "card_proof_at": _moment("card_proof_at"),
    "ip": "abbrev(ip)",
    # As jsonb prints itself: whatever a caller put into it has exactly one text.
    "detail": "nullif(detail::text, '{}')",
    **{
        name: f"{name}::text"
        for name in (
            *("actor", "institution", "session", "workstation", "patient"),
            *("entitlement_id", "grant_id", "request_id"),
        )
    },
    **{
        name: name
        for name in (
            *("id", "shard", "schema_version", "result_count"),
            *("action", "outcome", "reason", "role", "card_kind", "card_serial", "service"),
            *("object_type", "object_id", "purpose", "consent", "consent_reference"),
            "policy_version",
        )
    },
}
PARTS = tuple(sorted(_EXPRESSIONS))

# A SELECT list; its rows are the arguments of `event_of`.
COLUMNS = ", ".join(f"{_EXPRESSIONS[name]} AS {name}" for name in PARTS) + ", salt"
_SALT = len(PARTS)
NUMBER_AT = PARTS.index("id")
XID_AT = PARTS.index("xid")
SHARD_AT = PARTS.index("shard")

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def event_of(row: Sequence[Any]) -> dict[str, str | int]:
    """The parts of an event that are known, in the order of their names, from a row of COLUMNS."""
    return {name: value for name, value in zip(PARTS, row, strict=False) if value not in (None, "")}


def salt_of(row: Sequence[Any]) -> bytes:
    return bytes(row[_SALT])


def canonical(event: Mapping[str, str | int]) -> bytes:
    """RFC 8785 for an object of strings and whole numbers whose names are sorted already."""
    return _ENCODER.encode(event).encode()


def leaf_of(row: Sequence[Any]) -> bytes:
    """The leaf's hash. The salt follows the JSON: without it, nobody can guess an event from its hash."""
    return leaf_hash(canonical(event_of(row)) + salt_of(row))
