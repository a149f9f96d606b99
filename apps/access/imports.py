"""Files of the practice register and of unified lists (FEATURES A4, A6).

The rows are data: what a profession counts for, and what a list permits, is decided by the services
that read them.
"""

from django.utils.translation import gettext_lazy as _

from apps.access.models import Service
from apps.access.registers import Practice, UnifiedListEntry
from apps.imports.columns import Code, Column, Day, Flag, PersonNumber, Reference
from apps.imports.kinds import Kind, RowCheck, publishing, register, removal, upsert
from apps.imports.terms import Fault
from apps.institutions.models import Institution


def institution_column() -> Reference:
    """The code of an institution of the register; the value is the institution's id."""
    return Reference(
        name="institution_code",
        label=_("institution code"),
        aliases=("機構代碼", "醫事機構代碼"),
        required=True,
        pattern="[0-9]{10}",
        table=Institution._meta.db_table,
        column="code",
        gives="id",
        gives_type="uuid",
    )


def listed_column() -> Flag:
    """N takes a line of an earlier file back."""
    return Flag(name="listed", label=_("on the list"), aliases=("在名單",))


TAKEN_BACK = "lines.listed IS FALSE"

FIRST = Day(name="valid_from", label=_("first day"), aliases=("起日", "執業起日"))
LAST = Day(name="valid_until", label=_("last day"), aliases=("迄日", "執業迄日"))

PRACTICES = register(
    Kind(
        name="practices",
        label=_("Practice register"),
        columns=[
            institution_column(),
            PersonNumber(
                name="national_id",
                label=_("national ID"),
                aliases=("身分證號", "身分證字號"),
                required=True,
            ),
            Column(name="name", label=_("name"), aliases=("姓名",), longest=100),
            Code(
                name="profession",
                label=_("profession"),
                aliases=("醫事人員類別",),
                required=True,
                pattern="[0-9A-Z]{1,4}",
            ),
            FIRST,
            LAST,
            listed_column(),
        ],
        key=["national_id", "institution_code", "profession"],
        checks=[
            RowCheck("valid_until", Fault.PERIOD, f"{LAST.value()} < {FIRST.value()}"),
        ],
        publish=publishing(
            upsert(
                Practice._meta.db_table,
                key=["practitioner_id", "institution_id", "profession"],
                values={
                    "practitioner_id": "national_id",
                    "institution_id": "institution_code",
                    "profession": "profession",
                    "name": "coalesce(name, '')",
                    "valid_from": "valid_from",
                    "valid_until": "valid_until",
                },
                where="listed IS NOT FALSE",
            ),
            removed=removal(
                Practice._meta.db_table,
                match={
                    "practitioner_id": "lines.national_id",
                    "institution_id": "lines.institution_code",
                    "profession": "lines.profession",
                },
                where=TAKEN_BACK,
            ),
        ),
    )
)

UNIFIED_LIST = register(
    Kind(
        name="unified-list",
        label=_("Unified authorization list"),
        columns=[
            Code(
                name="list",
                label=_("list"),
                aliases=("名單", "名單代碼"),
                required=True,
                pattern="[-0-9A-Za-z_.]{1,20}",
            ),
            Reference(
                name="service",
                label=_("service code"),
                aliases=("業務代號", "服務代碼"),
                required=True,
                table=Service._meta.db_table,
                column="code",
            ),
            institution_column(),
            PersonNumber(
                name="national_id",
                label=_("responsible professional"),
                aliases=("身分證號", "負責人身分證號"),
            ),
            Column(name="name", label=_("name"), aliases=("姓名", "負責人姓名"), longest=100),
            listed_column(),
        ],
        key=["institution_code", "list", "service"],
        publish=publishing(
            upsert(
                UnifiedListEntry._meta.db_table,
                key=["institution_id", "list_code", "service_id"],
                values={
                    "list_code": "list",
                    "service_id": "service",
                    "institution_id": "institution_code",
                    "responsible_id": "national_id",
                    "name": "coalesce(name, '')",
                },
                where="listed IS NOT FALSE",
            ),
            removed=removal(
                UnifiedListEntry._meta.db_table,
                match={
                    "institution_id": "lines.institution_code",
                    "list_code": "lines.list",
                    "service_id": "lines.service",
                },
                where=TAKEN_BACK,
            ),
        ),
    )
)
