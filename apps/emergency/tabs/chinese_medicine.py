"""中醫用藥."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import ChineseMedicine


def fetch_chinese_medicine(question: EmergencyQuestion) -> list[ChineseMedicine]:
    found = ChineseMedicine.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_drug_names())


SOURCE = LocalTable(_("Chinese medicine"), fetch_chinese_medicine)

TAB = register(
    EmergencyTab(
        name="chinese_medicine",
        label=_("Chinese medicine"),
        position=11,
        months=6,
        order=LATEST_VISIT_FIRST,
        columns=(
            columns.DRUG_NAME,
            Column(name="formula", label=_("reference formula")),
            Column(name="effect", label=_("effect")),
            columns.USAGE,
            columns.DAYS,
            columns.DRUG_QUANTITY,
            columns.VISITED_ON,
            Column(name="ends_on", label=_("last day")),
            columns.DIAGNOSIS,
            columns.PLACE,
            Column(name="form", label=_("dosage form")),
            Column(
                name="is_compound",
                label=_("compound"),
                value=lambda record: _("Yes") if record.is_compound else _("No"),
            ),
            columns.DRUG_CODE,
            columns.ORIGIN,
        ),
        source=lambda: SOURCE,
    )
)
