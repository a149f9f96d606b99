"""特定凝血因子用藥."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import CoagulationFactor


def fetch_coagulation_factors(question: EmergencyQuestion) -> list[CoagulationFactor]:
    found = CoagulationFactor.objects.of(
        question.patient, since=question.since, until=question.until
    )
    return list(found.with_drug_names())


SOURCE = LocalTable(_("Coagulation factors"), fetch_coagulation_factors)

TAB = register(
    EmergencyTab(
        name="coagulation_factors",
        label=_("Coagulation factors"),
        position=8,
        months=12,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.DRUG_NAME,
            columns.INGREDIENT,
            Column(name="dose", label=_("single dose")),
            columns.USAGE,
            columns.DAYS,
            columns.DRUG_QUANTITY,
            columns.VISITED_ON,
            columns.DIAGNOSIS,
            columns.PLACE,
            columns.DRUG_CODE,
            columns.ORIGIN,
        ),
        source=lambda: SOURCE,
    )
)
