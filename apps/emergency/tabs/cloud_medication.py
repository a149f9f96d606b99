"""雲端藥歷, with the prescriptions for chronic illness inside (manual 3, 四(三) and (四))."""

from operator import attrgetter

from django.utils.translation import gettext_lazy as _

from apps.emergency.columns import amount_of, diagnosis_of, place_of, usage_of, within
from apps.emergency.filters import MedicationFilters
from apps.emergency.medicines import Medicine, medicines_source
from apps.emergency.notices import LATEST_VISIT_FIRST
from apps.emergency.registry import EmergencyTab, register
from apps.queries.tables import Column


def marks_of(medicine: Medicine) -> str:
    return "、".join(str(mark.label) for mark in medicine.marks)


COLUMNS = (
    Column(name="name", label=_("drug name"), value=attrgetter("record.name")),
    Column(name="marks", label=_("attention"), value=marks_of),
    Column(name="ingredient", label=_("ingredient"), value=attrgetter("record.ingredient")),
    Column(name="frequency", label=_("frequency"), value=within("record", usage_of)),
    Column(name="days", label=_("days supplied"), value=attrgetter("record.days")),
    Column(name="days_left", label=_("days left")),
    Column(name="visited_on", label=_("date of visit"), value=attrgetter("record.visited_on")),
    Column(
        name="dispensed_on",
        label=_("chronic drug fetched on"),
        value=attrgetter("record.dispensed_on"),
    ),
    Column(name="institution", label=_("institution (source)"), value=within("record", place_of)),
    Column(name="source", label=_("kind of source"), value=lambda medicine: medicine.source.label),
    Column(name="diagnosis", label=_("main diagnosis"), value=within("record", diagnosis_of)),
    Column(name="quantity", label=_("drug quantity"), value=within("record", amount_of)),
    Column(name="atc3", label=_("ATC3 name"), value=attrgetter("record.atc3_name")),
    Column(name="atc5", label=_("ATC5 name"), value=attrgetter("record.atc5_name")),
    Column(name="code", label=_("drug code"), value=attrgetter("record.code")),
    Column(
        name="origin",
        label=_("data source"),
        value=lambda medicine: medicine.record.get_origin_display(),
    ),
)

TAB = register(
    EmergencyTab(
        name="cloud_medication",
        label=_("Cloud medication"),
        position=1,
        months=6,
        order=LATEST_VISIT_FIRST,
        columns=COLUMNS,
        source=medicines_source,
        filters=MedicationFilters,
        panel="emergency/chronic_links.html",
        sorts={
            "marks": lambda medicine: len(medicine.marks),
            "institution": attrgetter("record.institution_code"),
            "source": attrgetter("source"),
            "atc3": attrgetter("record.atc3_name"),
            "atc5": attrgetter("record.atc5_name"),
            "ingredient": attrgetter("record.ingredient"),
            "name": attrgetter("record.name"),
            "visited_on": attrgetter("record.supplied_on"),
            "days": attrgetter("record.days"),
            "days_left": attrgetter("days_left"),
        },
    )
)
