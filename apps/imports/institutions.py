"""The file of the tenant register (FEATURES A1).

The agencies' shortest lists say code and name only. An institution's kind then follows from the
first two digits of its code, as the demo's and the ministry's codes show them; other columns may be
left out or left empty and stay as they were.
"""

from django.utils.translation import gettext_lazy as _

from apps.imports.columns import Choice, Code, Column, Flag, PersonNumber, Reference
from apps.imports.kinds import Kind, RowCheck, publishing, register, upsert
from apps.imports.terms import Fault
from apps.institutions.models import District, Institution
from apps.institutions.terms import InstitutionKind, InstitutionStatus

TABLE = Institution._meta.db_table

# What the first two digits of a code tell, where they tell it.
KIND_OF_CODE = f"""CASE
    WHEN left(code, 2) BETWEEN '01' AND '19' THEN '{InstitutionKind.HOSPITAL}'
    WHEN left(code, 2) = '23' THEN '{InstitutionKind.HEALTH_STATION}'
    WHEN left(code, 2) BETWEEN '35' AND '39' THEN '{InstitutionKind.CLINIC}'
    WHEN left(code, 2) = '59' THEN '{InstitutionKind.PHARMACY}' END"""

KINDS = {kind.value: kind.value for kind in InstitutionKind} | {
    "醫院": InstitutionKind.HOSPITAL.value,
    "診所": InstitutionKind.CLINIC.value,
    "藥局": InstitutionKind.PHARMACY.value,
    "衛生所": InstitutionKind.HEALTH_STATION.value,
    "政府單位": InstitutionKind.GOVERNMENT.value,
}
STATUSES = {status.value: status.value for status in InstitutionStatus} | {
    "開業": InstitutionStatus.ACTIVE.value,
    "停業": InstitutionStatus.SUSPENDED.value,
    "歇業": InstitutionStatus.CLOSED.value,
}


def _kept(column: str, default: str, given: str = "") -> str:
    """What the file says, else what the register says, else `default`."""
    return f'coalesce({given or f"lines.{column}"}, old."{column}", {default})'


INSTITUTIONS = register(
    Kind(
        name="institutions",
        label=_("Institutions"),
        columns=[
            Code(
                name="code",
                label=_("institution code"),
                aliases=("institution_code", "機構代碼", "醫事機構代碼"),
                required=True,
                pattern="[0-9]{10}",
            ),
            Column(
                name="name",
                label=_("name"),
                aliases=("institution_name", "機構名稱", "醫事機構名稱"),
                required=True,
            ),
            Choice(name="kind", label=_("kind"), aliases=("類別", "機構類別"), words=KINDS),
            Flag(name="contracted", label=_("contracted"), aliases=("特約",)),
            Flag(
                name="video_consultation",
                label=_("offers video consultation"),
                aliases=("視訊診療",),
            ),
            Flag(
                name="emergency_department",
                label=_("has an emergency department"),
                aliases=("急診",),
            ),
            Reference(
                name="district",
                label=_("postal code of the district"),
                aliases=("郵遞區號", "postal_code"),
                table=District._meta.db_table,
                column="code",
            ),
            Column(name="address", label=_("address"), aliases=("地址",)),
            Code(
                name="phone",
                label=_("phone"),
                aliases=("電話",),
                pattern="[-0-9()#+~轉分機 ]{1,30}",
            ),
            Column(name="branch", label=_("branch"), aliases=("分區業務組",), longest=30),
            PersonNumber(
                name="responsible",
                label=_("national ID of the responsible person"),
                aliases=("負責人身分證號",),
            ),
            Choice(name="status", label=_("status"), aliases=("狀態",), words=STATUSES),
        ],
        key=["code"],
        checks=[
            RowCheck(
                "kind",
                Fault.NEEDED,
                f"staged.kind = '' AND staged.code ~ '^[0-9]{{10}}$'"
                f" AND ({KIND_OF_CODE.replace('code', 'staged.code')}) IS NULL"
                f" AND NOT EXISTS (SELECT FROM {TABLE} old WHERE old.code = staged.code)",
            ),
            # Suspending and closing are safe in any order of files; reopening gives rights back.
            RowCheck(
                "status",
                Fault.REOPEN,
                f"staged.status IN ('ACTIVE', '開業') AND staged.code IN (SELECT code FROM {TABLE}"
                f" WHERE status <> '{InstitutionStatus.ACTIVE}')",
            ),
        ],
        publish=publishing(
            upsert(
                TABLE,
                key=["code"],
                values={
                    "code": "lines.code",
                    "name": "lines.name",
                    "kind": _kept("kind", KIND_OF_CODE.replace("code", "lines.code")),
                    "contracted": _kept("contracted", "true"),
                    "offers_video_consultation": _kept(
                        "offers_video_consultation", "false", "lines.video_consultation"
                    ),
                    "has_emergency_department": _kept(
                        "has_emergency_department", "false", "lines.emergency_department"
                    ),
                    "district_id": _kept("district_id", "NULL", "lines.district"),
                    "address": _kept("address", "''"),
                    "phone": _kept("phone", "''"),
                    "branch": _kept("branch", "''"),
                    "responsible_id": _kept("responsible_id", "NULL", "lines.responsible"),
                    "status": _kept("status", f"'{InstitutionStatus.ACTIVE}'"),
                },
                source=f"lines LEFT JOIN {TABLE} old ON old.code = lines.code",
            )
        ),
    )
)
