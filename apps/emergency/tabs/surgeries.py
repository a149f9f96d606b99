"""手術明細紀錄."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.records.models import Surgery


def fetch_surgeries(question: EmergencyQuestion) -> list[Surgery]:
    found = Surgery.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


SOURCE = LocalTable(_("Operations"), fetch_surgeries)

TAB = register(
    EmergencyTab(
        name="surgeries",
        label=_("Operations"),
        position=5,
        months=12,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.NAME,
            columns.BODY_SITE,
            columns.VISITED_ON,
            columns.DIAGNOSIS,
            columns.PLACE,
            columns.DEPARTMENT,
            columns.BEGAN_ON,
            columns.ENDED_ON,
            columns.QUANTITY,
            columns.CODE,
            columns.ORIGIN,
        ),
        source=lambda: SOURCE,
    )
)
