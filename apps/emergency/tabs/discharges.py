"""出院病歷摘要."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import Discharge


def fetch_discharges(question: EmergencyQuestion) -> list[Discharge]:
    found = Discharge.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


SOURCE = LocalTable(_("Discharge summaries"), fetch_discharges)

TAB = register(
    EmergencyTab(
        name="discharges",
        label=_("Discharge summaries"),
        position=9,
        months=12,
        order=_("the latest discharge first"),
        columns=(
            Column(name="visited_on", label=_("date of discharge")),
            Column(name="admitted_on", label=_("admitted on")),
            Column(name="diagnosis", label=_("discharge diagnosis"), value=columns.diagnosis_of),
            columns.PLACE,
            columns.DEPARTMENT,
            Column(name="complaint", label=_("chief complaint")),
            Column(name="course", label=_("course of treatment")),
            Column(name="condition", label=_("condition at discharge")),
            Column(name="advice", label=_("advice")),
            columns.ORIGIN,
        ),
        source=lambda: SOURCE,
    )
)
