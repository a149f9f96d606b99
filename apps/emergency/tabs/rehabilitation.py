"""復健醫療."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.filters import CategoryFilters
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import Rehabilitation


def fetch_rehabilitation(question: EmergencyQuestion) -> list[Rehabilitation]:
    found = Rehabilitation.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


SOURCE = LocalTable(_("Rehabilitation"), fetch_rehabilitation)

TAB = register(
    EmergencyTab(
        name="rehabilitation",
        label=_("Rehabilitation"),
        position=10,
        months=6,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.NAME,
            columns.CATEGORY,
            Column(name="intensity", label=_("intensity")),
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
        filters=CategoryFilters,
    )
)
