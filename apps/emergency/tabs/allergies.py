"""過敏藥."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.outside import outside_allergies
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable, Source, Together
from apps.queries.tables import Column
from apps.records.models import Allergy


def fetch_allergies(question: EmergencyQuestion) -> list[Allergy]:
    found = Allergy.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


LOCAL: LocalTable[Any] = LocalTable(_("Allergies"), fetch_allergies)


def allergies_source() -> Source[Any]:
    """Our own table; together with the outside register where one is named."""
    outside = outside_allergies()
    return Together(_("Allergies"), [LOCAL, outside], merge) if outside else LOCAL


def merge(rows: list[Any]) -> Sequence[Any]:
    """The latest first. What both report in the same words is shown once, as our own table has it."""
    once: dict[tuple[str, str, str], Any] = {}
    for row in rows:
        once.setdefault((row.ingredient.casefold(), row.severity, row.symptoms), row)
    return sorted(once.values(), key=lambda row: row.visited_on, reverse=True)


TAB = register(
    EmergencyTab(
        name="allergies",
        label=_("Allergies"),
        position=7,
        months=None,
        order=_("the latest upload first"),
        columns=(
            columns.INGREDIENT,
            Column(
                name="severity",
                label=_("severity"),
                value=lambda record: record.get_severity_display(),
            ),
            Column(name="symptoms", label=_("symptoms")),
            columns.DRUG_NAME,
            Column(name="atc_code", label=_("ATC code")),
            Column(name="visited_on", label=_("date of upload")),
            columns.PLACE,
            columns.ORIGIN,
        ),
        source=allergies_source,
    )
)
