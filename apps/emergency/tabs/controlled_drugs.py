"""特定管制藥品用藥資訊."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import ControlledDrug


def fetch_controlled_drugs(question: EmergencyQuestion) -> list[ControlledDrug]:
    found = ControlledDrug.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_drug_names())


SOURCE = LocalTable(_("Controlled drugs"), fetch_controlled_drugs)

TAB = register(
    EmergencyTab(
        name="controlled_drugs",
        label=_("Controlled drugs"),
        position=2,
        months=6,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.DRUG_NAME,
            columns.INGREDIENT,
            Column(
                name="schedule",
                label=_("schedule"),
                value=lambda record: record.get_schedule_display(),
            ),
            columns.USAGE,
            columns.DAYS,
            columns.DRUG_QUANTITY,
            Column(name="ddd", label=_("defined daily doses")),
            columns.VISITED_ON,
            columns.PLACE,
            columns.DIAGNOSIS,
            columns.DRUG_CODE,
            columns.ORIGIN,
        ),
        source=lambda: SOURCE,
    )
)
