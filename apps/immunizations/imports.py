"""The file of vaccination records, as the national register gives them out (FEATURES D4)."""

from django.utils.translation import gettext_lazy as _

from apps.immunizations.models import VaccinationRecord, Vaccine
from apps.imports.columns import Code, Column, Day, Flag, Number, PersonNumber, Reference
from apps.imports.kinds import Kind, publishing, register, removal, upsert

TABLE = VaccinationRecord._meta.db_table
SOURCE = "NIIS"  # where a line comes from that does not say so

VACCINATIONS = register(
    Kind(
        name="vaccinations",
        label=_("Vaccination records"),
        columns=[
            PersonNumber(
                name="national_id",
                label=_("national ID"),
                aliases=("身分證號", "身分證字號"),
                required=True,
            ),
            Reference(
                name="vaccine",
                label=_("vaccine code"),
                aliases=("疫苗", "疫苗代碼"),
                required=True,
                table=Vaccine._meta.db_table,
                column="code",
            ),
            Column(name="brand", label=_("brand"), aliases=("廠牌",), required=True, longest=20),
            Number(
                name="dose",
                label=_("dose"),
                aliases=("劑次", "dose_number"),
                required=True,
                least=1,
                most=20,
            ),
            Day(
                name="given_on",
                label=_("given on"),
                aliases=("接種日期",),
                required=True,
                past=True,
            ),
            Code(
                name="institution_code",
                label=_("institution code"),
                aliases=("機構代碼", "接種單位"),
                required=True,
                pattern="[0-9]{10}",
            ),
            Column(name="lot", label=_("lot"), aliases=("批號",), longest=30),
            Column(name="source", label=_("source"), aliases=("資料來源",), longest=30),
            Flag(name="withdrawn", label=_("withdrawn"), aliases=("撤銷",)),
        ],
        key=["national_id", "vaccine", "dose", "given_on"],
        publish=publishing(
            upsert(
                TABLE,
                key=["patient_id", "vaccine_id", "dose_number", "given_on"],
                values={
                    "patient_id": "national_id",
                    "vaccine_id": "vaccine",
                    "dose_number": "dose",
                    "given_on": "given_on",
                    "brand": "brand",
                    "institution_code": "institution_code",
                    "lot": "coalesce(lot, '')",
                    "source": f"coalesce(source, '{SOURCE}')",
                },
                where="withdrawn IS NOT TRUE",
                # What a site of ours recorded stays a record of that site.
                lasting=["source"],
            ),
            removed=removal(
                TABLE,
                match={
                    "patient_id": "lines.national_id",
                    "given_on": "lines.given_on",
                    "vaccine_id": "lines.vaccine",
                    "dose_number": "lines.dose",
                    "source": f"coalesce(lines.source, '{SOURCE}')",
                },
                where="lines.withdrawn",
            ),
        ),
    )
)
