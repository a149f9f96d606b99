"""過敏藥."""

from django.utils.translation import gettext_lazy as _

from apps.emergency import columns
from apps.emergency.notices import DELAY
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, register
from apps.queries.providers import LocalTable
from apps.queries.tables import Column
from apps.records.models import Allergy


def fetch_allergies(question: EmergencyQuestion) -> list[Allergy]:
    found = Allergy.objects.of(question.patient, since=question.since, until=question.until)
    return list(found.with_names())


SOURCE = LocalTable(_("Allergies"), fetch_allergies)

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
        source=lambda: SOURCE,
        notices=(
            DELAY,
            _(
                "Only what institutions uploaded; please ask the patient about allergies in any case."
            ),
        ),
        empty=_("No institution has uploaded an allergy. That does not prove that there is none."),
    )
)
