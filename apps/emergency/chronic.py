"""慢性病連續處方箋專區: prescriptions for chronic illness inside 雲端藥歷 (manual 3, 四(四))."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.emergency.columns import amount_of, diagnosis_of, place_of, usage_of, within
from apps.emergency.medicines import Medicine, medicines_source
from apps.emergency.policies.supply import Refill, is_specific, next_refill, stock_left
from apps.queries.tables import Column, Tab


class ChronicPart(TextChoices):
    VALID = "valid", _("Valid prescriptions")
    EXPIRED = "expired", _("Expired prescriptions")
    EXPLANATION = "explanation", _("Explanation of the data")


@dataclass(frozen=True)
class ChronicLine:
    """One drug of a prescription, by its last dispensing.

    `number` counts the prescriptions of the list; it stands at the first line of each, where its
    choices are, and is 0 at the others.
    """

    medicine: Medicine
    refill: Refill
    number: int

    @property
    def record(self) -> Any:
        return self.medicine.record


@dataclass(frozen=True)
class Remaining:
    """門診特定藥品遵醫囑應餘用藥日數: one substance over all prescriptions."""

    substance: str
    names: str
    days: int


# The sixteen columns of the manual but its first, 選項, which the template draws.
COLUMNS = (
    Column(
        name="origin",
        label=_("data source"),
        value=lambda line: line.record.get_origin_display(),
    ),
    Column(name="visit_number", label=_("visit number"), value=attrgetter("record.visit_number")),
    Column(name="institution", label=_("institution (source)"), value=within("record", place_of)),
    Column(
        name="practitioner",
        label=_("name of the professional"),
        value=attrgetter("record.practitioner"),
    ),
    Column(name="department", label=_("department"), value=attrgetter("record.department_name")),
    Column(name="diagnosis", label=_("main diagnosis"), value=within("record", diagnosis_of)),
    Column(name="code", label=_("drug code"), value=attrgetter("record.code")),
    Column(name="name", label=_("drug name"), value=attrgetter("record.name")),
    Column(name="days", label=_("days supplied"), value=attrgetter("record.days")),
    Column(name="quantity", label=_("drug quantity"), value=within("record", amount_of)),
    Column(name="frequency", label=_("frequency"), value=within("record", usage_of)),
    Column(name="refills", label=_("dispensings allowed"), value=attrgetter("record.refills")),
    Column(
        name="prescribed_months",
        label=_("months prescribed"),
        value=attrgetter("record.prescribed_months"),
    ),
    Column(name="visited_on", label=_("date of visit"), value=attrgetter("record.visited_on")),
    Column(
        name="dispensed_on",
        label=_("chronic drug fetched on"),
        value=attrgetter("record.dispensed_on"),
    ),
)

TABLE = Tab(
    name="chronic",
    label=_("Prescriptions for chronic illness"),
    columns=COLUMNS,
    source=medicines_source,
)


def chronic_lines(
    medicines: Iterable[Medicine], *, on: date
) -> tuple[list[ChronicLine], list[ChronicLine]]:
    """The prescriptions that are valid on the day, and those that have expired; each latest first."""
    latest: dict[tuple[str, str], Medicine] = {}
    for medicine in medicines:
        if not medicine.record.is_chronic:
            continue
        drug = (medicine.prescription, medicine.record.code)
        if drug not in latest or medicine.record.refill > latest[drug].record.refill:
            latest[drug] = medicine
    found = sorted(
        latest.values(), key=lambda each: (each.record.visited_on, each.prescription), reverse=True
    )
    refills = [(medicine, _refill_of(medicine)) for medicine in found]
    valid = [pair for pair in refills if pair[1].valid_until >= on]
    expired = [pair for pair in refills if pair[1].valid_until < on]
    return _lines(valid), _lines(expired)


def _refill_of(medicine: Medicine) -> Refill:
    record = medicine.record
    return next_refill(
        prescribed_on=record.visited_on,
        last=medicine.supply,
        refill=record.refill,
        refills=record.refills,
    )


def _lines(pairs: Sequence[tuple[Medicine, Refill]]) -> list[ChronicLine]:
    lines: list[ChronicLine] = []
    seen: list[str] = []
    for medicine, refill in pairs:
        is_first = medicine.prescription not in seen
        if is_first:
            seen.append(medicine.prescription)
        lines.append(ChronicLine(medicine, refill, len(seen) if is_first else 0))
    return lines


def remaining_days(
    medicines: Sequence[Medicine], *, prescription: str, on: date
) -> list[Remaining]:
    """What is left of each watched substance of one prescription, counting every prescription of it."""
    chosen = {
        medicine.record.atc_code
        for medicine in medicines
        if medicine.prescription == prescription and is_specific(medicine.record.atc_code)
    }
    found = []
    for atc_code in sorted(chosen):
        same = [medicine for medicine in medicines if medicine.record.atc_code == atc_code]
        found.append(
            Remaining(
                substance=f"{atc_code} {same[0].record.atc5_name}",
                names="、".join(sorted({medicine.record.name for medicine in same})),
                days=stock_left([medicine.supply for medicine in same], on=on),
            )
        )
    return found
