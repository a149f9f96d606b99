"""牙科處置及手術."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import DentalTreatment


def fetch_dental(question: EmergencyQuestion) -> list[DentalTreatment]:
    found = DentalTreatment.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


SOURCE = LocalTable(_("Dental treatment and surgery"), fetch_dental)

TAB = register(
    EmergencyTab(
        name="dental",
        label=_("Dental treatment and surgery"),
        position=6,
        months=24,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.NAME,
            Column(name="body_site", label=_("teeth")),
            columns.VISITED_ON,
            columns.DIAGNOSIS,
            columns.PLACE,
            columns.BEGAN_ON,
            columns.ENDED_ON,
            columns.QUANTITY,
            columns.CODE,
            columns.ORIGIN,
        ),
        source=lambda: SOURCE,
    )
)
