"""Vaccines that campaigns and records speak of."""

from apps.immunizations.models import Vaccine

VACCINES = [
    Vaccine(code="COVID19", name="COVID-19疫苗", name_en="COVID-19 vaccine"),
    Vaccine(code="FLU", name="流感疫苗", name_en="Influenza vaccine", is_influenza=True),
]


def load() -> None:
    Vaccine.objects.bulk_create(VACCINES, ignore_conflicts=True)
