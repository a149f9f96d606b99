"""From a table of records to the kind of file that fills it."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.imports.columns import Code, Column, Day, Flag, Number, PersonNumber
from apps.imports.kinds import Kind, publishing, register, removal, upsert
from apps.records.models import ClinicalRecord
from apps.records.terms import Origin

ATC = "[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?"
NATIONAL_ID = PersonNumber(
    name="national_id",
    label=_("national ID"),
    aliases=("身分證號", "身分證字號"),
    required=True,
)
WITHDRAWN = Flag(name="withdrawn", label=_("withdrawn"), aliases=("撤銷",))
FROM_CLAIMS = f"'{Origin.CLAIM}'"


def common_columns(*, day: str | Promise, day_alias: str, code: str | Promise) -> list[Column]:
    """Columns that every record file has; what its day and its code are called differs."""
    return [
        NATIONAL_ID,
        Code(
            name="institution_code",
            label=_("institution code"),
            aliases=("機構代碼", "醫事機構代碼", "來源"),
            required=True,
            pattern="[0-9]{10}",
        ),
        Column(
            name="institution_name",
            label=_("institution name"),
            aliases=("機構名稱",),
            longest=60,
        ),
        Day(name="visited_on", label=day, aliases=(day_alias,), required=True, past=True),
        Code(
            name="visit_number",
            label=_("visit number"),
            aliases=("就醫序號",),
            pattern="[0-9A-Z]{1,8}",
        ),
        Code(
            name="department",
            label=_("department"),
            aliases=("就醫科別",),
            pattern="[0-9A-Z]{2}",
        ),
        Column(
            name="practitioner",
            label=_("name of the professional"),
            aliases=("醫事人員姓名",),
            longest=40,
        ),
        Code(
            name="diagnosis_code",
            label=_("diagnosis code"),
            aliases=("主診斷代碼",),
            pattern="[A-Z][0-9A-Z.]{2,8}",
        ),
        Column(name="diagnosis", label=_("main diagnosis"), aliases=("主診斷",), longest=120),
        Code(
            name="code",
            label=code,
            aliases=("醫令代碼", "藥品健保代碼", "藥品代碼"),
            required=True,
            pattern="[-0-9A-Z.]{1,16}",
        ),
        Column(name="name", label=_("order name"), aliases=("醫令名稱", "藥品名稱"), longest=200),
        Number(name="sequence", label=_("order line"), aliases=("醫令序",), least=1, most=9999),
        WITHDRAWN,
    ]


VISIT_DAY = _("date of visit")
ORDER_CODE = _("order code")
# How each column of a file becomes one of the table; the others are named alike and may be empty text.
_COMMON = {
    "patient_id": "national_id",
    "origin": FROM_CLAIMS,
    "sequence": "coalesce(sequence, 1)",
}


def record_file(
    *,
    name: str,
    label: str | Promise,
    model: type[ClinicalRecord],
    columns: Sequence[Column],
    values: Mapping[str, str],
    day: str | Promise = VISIT_DAY,
    day_alias: str = "就醫日期",
    code: str | Promise = ORDER_CODE,
    more_key: Sequence[str] = (),
) -> Kind:
    """Registers the file of one table.

    `columns` are those beside the common ones, `values` SQL over `lines` for those of them that are
    not text; text is empty where the file leaves it out. `more_key` are further columns of the key.
    """
    shared = common_columns(day=day, day_alias=day_alias, code=code)
    text = {
        column.name: f"coalesce({column.name}, '')"
        for column in [*shared, *columns]
        if column.sql_type == "text"
    }
    plain = {column.name: column.name for column in [*shared, *columns]}
    skipped = {"national_id", "withdrawn", "sequence"}
    written = {
        **_COMMON,
        **{column: sql for column, sql in (plain | text).items() if column not in skipped},
        **values,
    }
    key = ["patient_id", "visited_on", "institution_code", "visit_number", "code", "sequence"]
    key = [*key, "origin", *more_key]
    table = model._meta.db_table
    return register(
        Kind(
            name=name,
            label=label,
            columns=[*shared, *columns],
            key=[
                "national_id",
                "visited_on",
                "institution_code",
                "visit_number",
                "code",
                "sequence",
                *more_key,
            ],
            publish=publishing(
                upsert(table, key=key, values=written, where="withdrawn IS NOT TRUE"),
                removed=removal(
                    table,
                    match={column: _of_lines(written[column]) for column in key},
                    where="lines.withdrawn",
                ),
            ),
        )
    )


def _of_lines(sql: str) -> str:
    """The same value where the table's own columns are in sight as well."""
    return f"(SELECT {sql} FROM (SELECT lines.*) AS line)"
