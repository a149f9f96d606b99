"""Files of travel and contact history (FEATURES E5). A person is named by any kind of number (manual 2)."""

from collections.abc import Mapping, Sequence

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.imports.columns import AnyPersonNumber, Choice, Code, Column, Day, Flag, Number
from apps.imports.kinds import Kind, RowCheck, publishing, register, removal, upsert
from apps.imports.terms import Fault
from apps.travel import models
from apps.travel.terms import Direction, LabelKind, ReleaseKind

WITHDRAWN = Flag(name="withdrawn", label=_("withdrawn"), aliases=("撤銷",))
COUNTRY = Code(
    name="country",
    label=_("country code"),
    aliases=("國家代碼", "國籍代碼"),
    required=True,
    pattern="[A-Z]{3}",
)
COUNTRY_NAME = Column(
    name="country_name",
    label=_("country"),
    aliases=("國家", "國家名稱"),
    required=True,
    longest=40,
)
VALID_FROM = Day(name="valid_from", label=_("valid from"), aliases=("起日", "生效日期"))
VALID_UNTIL = Day(name="valid_until", label=_("valid until"), aliases=("迄日", "失效日期"))
PERIOD = RowCheck("valid_until", Fault.PERIOD, f"{VALID_UNTIL.value()} < {VALID_FROM.value()}")


def _number() -> AnyPersonNumber:
    return AnyPersonNumber(
        name="number",
        label=_("number of the person"),
        aliases=("證號", "national_id", "身分證號", "身分證字號"),
        required=True,
    )


def _past_day(name: str, label: str | Promise, *aliases: str) -> Day:
    return Day(name=name, label=label, aliases=aliases, required=True, past=True)


def _person_file(
    name: str,
    label: str | Promise,
    table: type[Model],
    *,
    columns: Sequence[Column],
    key: Sequence[str],
    more: Mapping[str, str] | None = None,
    checks: Sequence[RowCheck] = (),
) -> Kind:
    """A file about people: `key` are its columns beside the number, as the table calls them too;
    `more` maps the table's other columns to SQL over the line.
    """
    same = {"patient_id": "number", **{column: column for column in key}}
    return register(
        Kind(
            name=name,
            label=label,
            columns=[_number(), *columns, WITHDRAWN],
            key=["number", *key],
            checks=checks,
            publish=publishing(
                upsert(
                    table._meta.db_table,
                    key=list(same),
                    values=same | dict(more or {}),
                    where="withdrawn IS NOT TRUE",
                ),
                removed=removal(
                    table._meta.db_table,
                    match={column: f"lines.{value}" for column, value in same.items()},
                    where="lines.withdrawn",
                ),
            ),
        )
    )


TRAVEL = _person_file(
    "travel",
    _("Entries and exits"),
    models.TravelRecord,
    columns=[
        Choice(
            name="direction",
            label=_("direction"),
            aliases=("入出境",),
            words={each.value: each.value for each in Direction}
            | {"入境": Direction.ENTRY.value, "出境": Direction.EXIT.value},
            required=True,
        ),
        _past_day("moved_on", _("day"), "入出境日期"),
        COUNTRY,
        COUNTRY_NAME,
    ],
    key=["moved_on", "direction", "country"],
    more={"country_name": "country_name"},
)

CONTACTS = _person_file(
    "contacts",
    _("Contacts of confirmed cases"),
    models.Contact,
    columns=[_past_day("contact_on", _("last contact"), "最後接觸日")],
    key=["contact_on"],
)

RELEASES = _person_file(
    "releases",
    _("Releases from isolation and quarantine"),
    models.Release,
    columns=[
        Choice(
            name="kind",
            label=_("kind"),
            aliases=("類別",),
            words={each.value: each.value for each in ReleaseKind}
            | {"居家隔離": ReleaseKind.ISOLATION.value, "居家檢疫": ReleaseKind.QUARANTINE.value},
            required=True,
        ),
        _past_day("released_on", _("released on"), "解除日期"),
    ],
    key=["released_on", "kind"],
)

REFERRALS = _person_file(
    "referrals",
    _("Referrals to sampling sites"),
    models.Referral,
    columns=[
        _past_day("referred_on", _("referred on"), "轉診日期"),
        Column(
            name="sampling_site",
            label=_("sampling site"),
            aliases=("指定社區採檢院所", "採檢院所"),
            required=True,
            longest=100,
        ),
        Day(name="answered_on", label=_("answered on"), aliases=("回復日期",), past=True),
    ],
    key=["referred_on", "sampling_site"],
    more={"answered_on": "answered_on"},
)

OCCUPATIONS = _person_file(
    "occupations",
    _("Occupations and clusters"),
    models.Label,
    columns=[
        Choice(
            name="kind",
            label=_("kind"),
            aliases=("類別",),
            words={each.value: each.value for each in LabelKind}
            | {"特定職業別": LabelKind.OCCUPATION.value, "群聚史": LabelKind.CLUSTER.value},
            required=True,
        ),
        Column(
            name="name",
            label=_("occupation or cluster"),
            aliases=("名稱", "職業別"),
            required=True,
            longest=100,
        ),
        VALID_FROM,
        VALID_UNTIL,
    ],
    key=["kind", "name"],
    more={"valid_from": "valid_from", "valid_until": "valid_until"},
    checks=[PERIOD],
)

NAMED_LISTS = _person_file(
    "named-lists",
    _("Named lists of the command centre"),
    models.ListEntry,
    columns=[
        Column(name="list_name", label=_("list"), aliases=("名單",), required=True, longest=40),
        Day(name="listed_on", label=_("listed on"), aliases=("列入日期",), required=True),
        Day(name="ends_on", label=_("last day"), aliases=("截止日期",)),
    ],
    key=["list_name", "listed_on"],
    more={"ends_on": "ends_on"},
)

ADVISORIES = register(
    Kind(
        name="advisories",
        label=_("Travel advisories"),
        columns=[
            COUNTRY,
            COUNTRY_NAME,
            Number(
                name="level",
                label=_("level"),
                aliases=("等級", "疫情建議等級"),
                required=True,
                least=1,
                most=3,
            ),
            Day(
                name="valid_from",
                label=_("valid from"),
                aliases=("起日", "生效日期"),
                required=True,
            ),
            VALID_UNTIL,
            WITHDRAWN,
        ],
        key=["country", "valid_from"],
        checks=[PERIOD],
        publish=publishing(
            upsert(
                models.Advisory._meta.db_table,
                key=["country", "valid_from"],
                values={
                    "country": "country",
                    "valid_from": "valid_from",
                    "country_name": "country_name",
                    "level": "level",
                    "valid_until": "valid_until",
                },
                where="withdrawn IS NOT TRUE",
            ),
            removed=removal(
                models.Advisory._meta.db_table,
                match={"country": "lines.country", "valid_from": "lines.valid_from"},
                where="lines.withdrawn",
            ),
        ),
    )
)
