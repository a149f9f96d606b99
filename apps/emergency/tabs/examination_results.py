"""檢查檢驗結果."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.filters import ResultFilters
from apps.emergency.outside_results import merge_results, outside_results
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable, Source, Together
from apps.queries.tables import Column
from apps.records.models import ExaminationResult


def fetch_examination_results(question: EmergencyQuestion) -> list[ExaminationResult]:
    found = ExaminationResult.objects.of(
        question.patient, since=question.since, until=question.until
    )
    return list(found.with_names())


LOCAL: LocalTable[Any] = LocalTable(_("Examination results"), fetch_examination_results)


def results_source() -> Source[Any]:
    """Our own table; together with the outside register where one is named."""
    outside = outside_results()
    return Together(LOCAL.name, [LOCAL, outside], merge_results) if outside else LOCAL


TAB = register(
    EmergencyTab(
        name="examination_results",
        label=_("Examination results"),
        position=4,
        months=6,
        order=_("the latest report first"),
        columns=(
            Column(name="item", label=_("item")),
            Column(name="value", label=_("result")),
            Column(name="unit", label=_("unit")),
            Column(
                name="flag", label=_("assessment"), value=lambda record: record.get_flag_display()
            ),
            Column(name="reference_range", label=_("reference range")),
            Column(name="visited_on", label=_("date of report")),
            columns.CATEGORY,
            columns.NAME,
            columns.PLACE,
            columns.DEPARTMENT,
            columns.DIAGNOSIS,
            columns.CODE,
            columns.ORIGIN,
        ),
        source=results_source,
        filters=ResultFilters,
    )
)
