"""One kind of file per tab of manual 3, and the flags of card passwords."""

from django.utils.translation import gettext_lazy as _

from apps.imports.columns import Amount, Choice, Code, Column, Day, Flag, Number
from apps.imports.kinds import Kind, publishing, register, upsert
from apps.records import models
from apps.records.files import ATC, NATIONAL_ID, record_file
from apps.records.terms import ResultFlag, Schedule, Severity

DRUG = [
    Column(name="ingredient", label=_("ingredient"), aliases=("成分名稱",), longest=120),
    Code(name="atc_code", label=_("ATC code"), aliases=("ATC代碼",), pattern=ATC),
    Column(name="frequency", label=_("frequency"), aliases=("用法用量", "用法"), longest=20),
    Code(name="route", label=_("route"), aliases=("給藥途徑",), pattern="[A-Z]{2,5}"),
    Column(name="dose", label=_("single dose"), aliases=("每次用量",), longest=20),
    Amount(name="quantity", label=_("quantity"), aliases=("藥品用量", "總量")),
    Number(name="days", label=_("days supplied"), aliases=("給藥日數",), most=366),
]
NO_DAYS = {"days": "coalesce(days, 0)"}

MEDICATIONS = record_file(
    name="medications",
    label=_("Cloud medication"),
    model=models.Medication,
    columns=[
        *DRUG,
        Day(
            name="dispensed_on",
            label=_("dispensed on"),
            aliases=("慢性病連續處方箋領藥日", "調劑日期"),
            past=True,
        ),
        Code(
            name="prescriber_code",
            label=_("prescribing institution"),
            aliases=("原處方醫事機構代碼",),
            pattern="[0-9]{10}",
        ),
        Flag(name="is_chronic", label=_("chronic prescription"), aliases=("慢性病連續處方箋",)),
        Number(name="refill", label=_("dispensing"), aliases=("調劑次數",), most=9),
        Number(
            name="refills",
            label=_("dispensings allowed"),
            aliases=("連續處方可調劑次數",),
            most=9,
        ),
        Number(
            name="prescribed_months",
            label=_("months prescribed"),
            aliases=("處方總處方月份",),
            most=12,
        ),
    ],
    values={
        **NO_DAYS,
        "is_chronic": "coalesce(is_chronic, false)",
        "refill": "coalesce(refill, 0)",
        "refills": "coalesce(refills, 0)",
        "prescribed_months": "coalesce(prescribed_months, 0)",
    },
    more_key=["refill"],
)

CONTROLLED_DRUGS = record_file(
    name="controlled-drugs",
    label=_("Controlled drugs"),
    model=models.ControlledDrug,
    columns=[
        *DRUG,
        Choice(
            name="schedule",
            label=_("schedule"),
            aliases=("管制級別",),
            words={each.value: each.value for each in Schedule},
        ),
        Amount(name="ddd", label=_("defined daily doses"), aliases=("總DDD數",)),
    ],
    values=NO_DAYS,
)

COAGULATION_FACTORS = record_file(
    name="coagulation-factors",
    label=_("Coagulation factors"),
    model=models.CoagulationFactor,
    columns=DRUG,
    values=NO_DAYS,
)

CHINESE_MEDICINE = record_file(
    name="chinese-medicine",
    label=_("Chinese medicine"),
    model=models.ChineseMedicine,
    columns=[
        *DRUG,
        Column(name="formula", label=_("reference formula"), aliases=("基準方名",), longest=60),
        Column(name="effect", label=_("effect"), aliases=("效能名稱",), longest=60),
        Column(name="form", label=_("dosage form"), aliases=("劑型",), longest=30),
        Flag(name="is_compound", label=_("compound"), aliases=("複方註記",)),
        Day(name="ends_on", label=_("last day"), aliases=("用藥迄日",)),
    ],
    values={**NO_DAYS, "is_compound": "coalesce(is_compound, false)"},
)

PERFORMED = [
    Column(name="body_site", label=_("body site"), aliases=("診療部位", "牙位"), longest=40),
    Day(name="began_on", label=_("began on"), aliases=("執行時間-起",), past=True),
    Day(name="ended_on", label=_("ended on"), aliases=("執行時間-迄",), past=True),
    Amount(name="quantity", label=_("quantity"), aliases=("醫令總量",)),
]
CATEGORY = Column(
    name="category",
    label=_("category"),
    aliases=("檢查檢驗類別", "治療類別"),
    longest=40,
)

EXAMINATIONS = record_file(
    name="examinations",
    label=_("Examination records"),
    model=models.Examination,
    columns=[CATEGORY, *PERFORMED],
    values={},
)

EXAMINATION_RESULTS = record_file(
    name="examination-results",
    label=_("Examination results"),
    model=models.ExaminationResult,
    columns=[
        CATEGORY,
        Column(name="item", label=_("item"), aliases=("檢驗項目",), longest=80),
        Column(name="value", label=_("result"), aliases=("檢驗結果", "報告"), longest=1000),
        Column(name="unit", label=_("unit"), aliases=("單位",), longest=20),
        Column(name="reference_range", label=_("reference range"), aliases=("參考值",), longest=60),
        Choice(
            name="flag",
            label=_("assessment"),
            aliases=("判讀",),
            words={each.value: each.value for each in ResultFlag},
        ),
    ],
    values={},
    day=_("date of report"),
    day_alias="報告日期",
    more_key=["item"],
)

SURGERIES = record_file(
    name="surgeries",
    label=_("Operations"),
    model=models.Surgery,
    columns=PERFORMED,
    values={},
)

DENTAL = record_file(
    name="dental",
    label=_("Dental treatment and surgery"),
    model=models.DentalTreatment,
    columns=PERFORMED,
    values={},
)

REHABILITATION = record_file(
    name="rehabilitation",
    label=_("Rehabilitation"),
    model=models.Rehabilitation,
    columns=[
        CATEGORY,
        Column(name="intensity", label=_("intensity"), aliases=("強度",), longest=20),
        *PERFORMED,
    ],
    values={},
)

ALLERGIES = record_file(
    name="allergies",
    label=_("Allergies"),
    model=models.Allergy,
    columns=[
        Column(
            name="ingredient",
            label=_("ingredient"),
            aliases=("成分名稱", "過敏藥物成分"),
            required=True,
            longest=120,
        ),
        Code(name="atc_code", label=_("ATC code"), aliases=("ATC代碼",), pattern=ATC),
        Choice(
            name="severity",
            label=_("severity"),
            aliases=("過敏嚴重度",),
            words={each.value: each.value for each in Severity},
        ),
        Column(name="symptoms", label=_("symptoms"), aliases=("過敏症狀",), longest=120),
    ],
    values={},
    day=_("date of upload"),
    day_alias="上傳日期",
    more_key=["ingredient"],
)

DISCHARGES = record_file(
    name="discharges",
    label=_("Discharge summaries"),
    model=models.Discharge,
    columns=[
        Day(name="admitted_on", label=_("admitted on"), aliases=("住院日期",), past=True),
        Column(name="complaint", label=_("chief complaint"), aliases=("主訴",), longest=500),
        Column(name="course", label=_("course of treatment"), aliases=("治療經過",), longest=4000),
        Column(
            name="condition",
            label=_("condition at discharge"),
            aliases=("出院情況",),
            longest=200,
        ),
        Column(name="advice", label=_("advice"), aliases=("出院指示",), longest=1000),
    ],
    values={},
    day=_("date of discharge"),
    day_alias="出院日期",
    code=_("diagnosis code"),
)

DRUGS = register(
    Kind(
        name="drugs",
        label=_("Drug list"),
        columns=[
            Code(
                name="code",
                label=_("drug code"),
                aliases=("藥品代碼", "藥品健保代碼"),
                required=True,
                pattern="[-0-9A-Z.]{1,16}",
            ),
            Column(
                name="name", label=_("drug name"), aliases=("藥品名稱",), required=True, longest=200
            ),
            Column(name="ingredient", label=_("ingredient"), aliases=("成分名稱",), longest=120),
            Code(name="atc_code", label=_("ATC code"), aliases=("ATC代碼",), pattern=ATC),
        ],
        key=["code"],
        publish=publishing(
            upsert(
                models.Drug._meta.db_table,
                key=["code"],
                values={
                    "code": "code",
                    "name": "name",
                    "ingredient": "coalesce(ingredient, '')",
                    "atc_code": "coalesce(atc_code, '')",
                },
            )
        ),
    )
)

PASSWORD_FLAGS = register(
    Kind(
        name="password-flags",
        label=_("Card password flags"),
        columns=[
            NATIONAL_ID,
            Flag(
                name="is_set",
                label=_("the card has a password"),
                aliases=("密碼註記", "設定密碼"),
                required=True,
            ),
            Day(
                name="known_on",
                label=_("known on"),
                aliases=("資料日期",),
                required=True,
                past=True,
            ),
        ],
        key=["national_id"],
        # No random id, so not by `upsert`. A reading newer than the file stays.
        publish=publishing(
            f"""written AS (
                INSERT INTO {models.PasswordFlag._meta.db_table} AS known
                    (patient_id, is_set, known_on)
                SELECT national_id, is_set, known_on FROM lines
                ON CONFLICT (patient_id) DO UPDATE
                SET is_set = excluded.is_set, known_on = excluded.known_on
                WHERE known.known_on <= excluded.known_on
                  AND (known.is_set, known.known_on)
                      IS DISTINCT FROM (excluded.is_set, excluded.known_on)
                RETURNING (xmax = 0) AS is_new
            ),
            made AS (SELECT FROM written WHERE is_new),
            changed AS (SELECT FROM written WHERE NOT is_new)"""
        ),
    )
)
