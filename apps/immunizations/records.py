"""The two tabs of manual 0: what each shows, from which source."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.immunizations.doses import Dose
from apps.immunizations.models import VaccinationRecord
from apps.immunizations.providers import source_of
from apps.institutions.models import Institution
from apps.queries.answers import Question
from apps.queries.providers import Source
from apps.queries.tables import Column, Tab


def question_about(patient: UUID) -> Question:
    """Records up to the day before the query (manual 0, 查詢說明 1)."""
    return Question(patient=patient, until=clock.today() - timedelta(days=1))


def fetch_doses(question: Question, *, influenza: bool) -> Iterable[Dose]:
    """Newest first. One statement."""
    names = Institution.objects.filter(code=OuterRef("institution_code")).values("name")[:1]
    records = (
        VaccinationRecord.objects.filter(
            patient=question.patient,
            given_on__lte=question.until,
            vaccine__is_influenza=influenza,
        )
        .select_related("vaccine")
        .annotate(institution_name=Subquery(names))
        .order_by("-given_on", "vaccine", "-dose_number")
    )
    return [
        Dose(
            code=each.vaccine_id,
            vaccine=each.vaccine.label,
            brand=each.brand,
            dose=each.dose_number,
            given_on=each.given_on,
            institution=each.institution_name or each.institution_code,
            lot=each.lot,
            source=each.source,
        )
        for each in records
    ]


def influenza_source() -> Source[Dose]:
    return source_of(lambda asked: fetch_doses(asked, influenza=True), influenza=True)


def other_source() -> Source[Dose]:
    return source_of(lambda asked: fetch_doses(asked, influenza=False), influenza=False)


COLUMNS = (
    Column(name="vaccine", label=_("Vaccine")),
    Column(name="brand", label=_("Brand")),
    Column(name="dose", label=_("Dose")),
    Column(name="given_on", label=_("Given on")),
    Column(name="institution", label=_("Institution")),
    Column(name="lot", label=_("Lot")),
    Column(name="source", label=_("Source")),
)

# 「流感接種紀錄」 and 「接種紀錄」 (manual 0, 查詢結果顯示).
TABS = (
    Tab(
        name="influenza",
        label=_("Influenza vaccination records"),
        columns=COLUMNS,
        source=influenza_source,
    ),
    Tab(
        name="other",
        label=_("Other vaccination records"),
        columns=COLUMNS,
        source=other_source,
        notices=(
            _(
                "These are the vaccinations other than influenza that were reported to the national"
                " immunization information system (NIIS)."
            ),
        ),
    ),
)
