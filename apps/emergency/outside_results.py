"""Laboratory results of an outside FHIR R4 server (Observation); see apps.emergency.outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from apps.emergency.outside import NAME, OutsideRecord
from apps.emergency.terms import SERVICE
from apps.queries.answers import Question
from apps.queries.providers.register import (
    OutsideRegister,
    Resource,
    day_of,
    outside_server,
    text_of,
)
from apps.records.terms import ResultFlag

# HL7 v3 ObservationInterpretation: critically high is high.
FLAGS = {
    "N": ResultFlag.NORMAL,
    "H": ResultFlag.HIGH,
    "HH": ResultFlag.HIGH,
    "L": ResultFlag.LOW,
    "LL": ResultFlag.LOW,
    "A": ResultFlag.ABNORMAL,
    "AA": ResultFlag.ABNORMAL,
}
VOID = frozenset({"entered-in-error", "cancelled", "registered"})  # R4: not or never a result


@dataclass(frozen=True, kw_only=True)
class OutsideResult(OutsideRecord):
    """One item. `name` and `code` are what was measured, as for our own results they are the order."""

    item: str
    value: str
    code: str = ""
    category: str = ""
    unit: str = ""
    reference_range: str = ""
    flag: str = ""

    def get_flag_display(self) -> str:
        return str(ResultFlag(self.flag).label) if self.flag else ""


def outside_results() -> OutsideRegister[OutsideResult] | None:
    """The register of results, where one is named."""
    server = outside_server(SERVICE)
    if server is None:
        return None
    return OutsideRegister(NAME, server, "Observation", _measured_in_time, read_result)


def merge_results(rows: list[Any]) -> Sequence[Any]:
    """The latest first. What both report is shown once, as our own table has it."""
    once: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        once.setdefault((row.item.casefold(), row.visited_on, row.value, row.unit), row)
    return sorted(once.values(), key=attrgetter("visited_on"), reverse=True)


def _measured_in_time(question: Question) -> Mapping[str, str]:
    since = {"date": f"ge{question.since.isoformat()}"} if question.since else {}
    return {"category": "laboratory", **since}


def read_result(resource: Resource, question: Question) -> OutsideResult | None:
    """A result without a value, or of parts that only refer to others, cannot be shown."""
    if resource.get("status") in VOID:
        return None
    day = day_of(resource["effectiveDateTime"])
    if not question.covers(day):
        return None
    value, unit = _value(resource)
    item = text_of(resource["code"])
    if not item or not value:
        raise ValueError("a result without a name or a value")
    return OutsideResult(
        visited_on=day,
        institution_label=_place(resource),
        name=item,
        ingredient="",
        item=item,
        value=value,
        unit=unit,
        category=text_of((resource.get("category") or [{}])[0]),
        reference_range=_range(resource),
        flag=_flag(resource),
    )


def _value(resource: Resource) -> tuple[str, str]:
    """Value and unit: a quantity, a text, or a concept."""
    if quantity := resource.get("valueQuantity"):
        comparator = str(quantity.get("comparator", ""))
        return f"{comparator}{quantity['value']}", str(quantity.get("unit", ""))
    if concept := resource.get("valueCodeableConcept"):
        return text_of(concept), ""
    return str(resource.get("valueString", "")), ""


def _range(resource: Resource) -> str:
    first = (resource.get("referenceRange") or [{}])[0]
    ends = [str((first.get(end) or {}).get("value", "")) for end in ("low", "high")]
    return str(first.get("text") or ("-".join(ends) if any(ends) else ""))


def _flag(resource: Resource) -> str:
    codings = [
        coding
        for concept in resource.get("interpretation") or []
        for coding in concept.get("coding") or []
    ]
    return next((FLAGS[c["code"]] for c in codings if c.get("code") in FLAGS), "")


def _place(resource: Resource) -> str:
    performers = resource.get("performer") or []
    return next((str(each["display"]) for each in performers if each.get("display")), "")
