"""檢查檢驗紀錄."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.filters import CategoryFilters
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.records.models import Examination


def fetch_examinations(question: EmergencyQuestion) -> list[Examination]:
    found = Examination.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


SOURCE = LocalTable(_("Examination records"), fetch_examinations)

TAB = register(
    EmergencyTab(
        name="examinations",
        label=_("Examination records"),
        position=3,
        months=6,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.NAME,
            columns.CATEGORY,
            columns.BODY_SITE,
            columns.VISITED_ON,
            columns.PLACE,
            columns.DEPARTMENT,
            columns.DIAGNOSIS,
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
