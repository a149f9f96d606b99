"""The file of every tab: a line becomes a record, again changes nothing, is corrected, is taken back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.imports.models import ImportRun
from apps.imports.terms import RunState
from apps.records import models
from apps.records.models import PasswordFlag
from apps.records.terms import Origin
from tests.imports.conftest import Import, errors
from tests.imports.conftest import import_text as import_text
from tests.imports.conftest import var as var

CHEN = "A223456781"
COMMON = f"{CHEN},0131060029,1130301,0001,AC38422100"
HEAD = "身分證號,機構代碼,{day},就醫序號,code"


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    assert run.state == RunState.PUBLISHED, errors(run)
    return run.made, run.changed, run.removed, run.unchanged


# kind, table, what its day is called, further columns, their fields, and what becomes of them
FILES: list[tuple[str, Any, str, str, str, dict[str, Any]]] = [
    (
        "medications",
        models.Medication,
        "就醫日期",
        "藥品名稱,ATC代碼,用法用量,藥品用量,給藥日數,慢性病連續處方箋,調劑次數,連續處方可調劑次數,慢性病連續處方箋領藥日",
        "CARTIL TABLETS 60MG,C08DB01,QAM&HS,56,28,Y,2,3,1130329",
        {
            "name": "CARTIL TABLETS 60MG",
            "quantity": Decimal(56),
            "days": 28,
            "is_chronic": True,
            "refill": 2,
            "refills": 3,
            "dispensed_on": date(2024, 3, 29),
            "ingredient": "",
        },
    ),
    (
        "controlled-drugs",
        models.ControlledDrug,
        "就醫日期",
        "管制級別,總DDD數,給藥日數",
        "4,7.5,14",
        {"schedule": "4", "ddd": Decimal("7.5"), "days": 14},
    ),
    (
        "examinations",
        models.Examination,
        "就醫日期",
        "檢查檢驗類別,診療部位,執行時間-起,醫令總量",
        "電腦斷層造影,頭部,113/03/02,1",
        {"category": "電腦斷層造影", "body_site": "頭部", "began_on": date(2024, 3, 2)},
    ),
    (
        "examination-results",
        models.ExaminationResult,
        "報告日期",
        "檢驗項目,檢驗結果,單位,參考值,判讀",
        "K,5.9,mmol/L,3.5-5.1,H",
        {"item": "K", "value": "5.9", "flag": "H", "visited_on": date(2024, 3, 1)},
    ),
    ("surgeries", models.Surgery, "就醫日期", "診療部位", "右膝", {"body_site": "右膝"}),
    ("dental", models.DentalTreatment, "就醫日期", "牙位", "36", {"body_site": "36"}),
    (
        "allergies",
        models.Allergy,
        "上傳日期",
        "成分名稱,過敏嚴重度,過敏症狀",
        "amoxicillin,3,全身性紅疹",
        {"ingredient": "amoxicillin", "severity": "3", "symptoms": "全身性紅疹"},
    ),
    (
        "coagulation-factors",
        models.CoagulationFactor,
        "就醫日期",
        "給藥日數",
        "7",
        {"days": 7},
    ),
    (
        "discharges",
        models.Discharge,
        "出院日期",
        "住院日期,主訴,治療經過",
        "1130225,胸痛,經心導管置放支架",
        {"admitted_on": date(2024, 2, 25), "course": "經心導管置放支架"},
    ),
    (
        "rehabilitation",
        models.Rehabilitation,
        "就醫日期",
        "治療類別,強度",
        "物理治療,中度",
        {"category": "物理治療", "intensity": "中度"},
    ),
    (
        "chinese-medicine",
        models.ChineseMedicine,
        "就醫日期",
        "基準方名,複方註記,劑型",
        "小柴胡湯,是,濃縮散劑",
        {"formula": "小柴胡湯", "is_compound": True, "form": "濃縮散劑"},
    ),
]


@pytest.mark.parametrize(
    ("kind", "table", "day", "columns", "fields", "expected"),
    FILES,
    ids=[file[0] for file in FILES],
)
def test_a_line_becomes_a_record_and_is_corrected_and_taken_back(
    import_text: Import,
    kind: str,
    table: Any,
    day: str,
    columns: str,
    fields: str,
    expected: dict[str, Any],
) -> None:
    head = HEAD.format(day=day)
    text = f"{head},{columns}\n{COMMON},{fields}\n"
    assert counts(import_text(kind, text)) == (1, 0, 0, 0)
    assert counts(import_text(kind, text)) == (0, 0, 0, 1)
    record = table.objects.get()
    assert {name: getattr(record, name) for name in expected} == expected
    assert record.patient_id == find(kind=IdentifierKind.NATIONAL_ID, value=CHEN)
    assert (record.institution_code, record.visit_number) == ("0131060029", "0001")
    assert (record.origin, record.sequence) == (Origin.CLAIM, 1)
    corrected = f"{head},主診斷,{columns}\n{COMMON},高血壓,{fields}\n"
    assert counts(import_text(kind, corrected)) == (0, 1, 0, 0)
    gone = f"{head},撤銷,{columns}\n{COMMON},Y,{fields}\n"
    assert counts(import_text(kind, gone)) == (0, 0, 1, 0)
    assert not table.objects.exists()


def test_a_file_neither_changes_nor_removes_what_a_card_uploaded(import_text: Import) -> None:
    head = HEAD.format(day="就醫日期")
    import_text("medications", f"{head}\n{COMMON}\n")
    models.Medication.objects.update(origin=Origin.CARD)
    assert counts(import_text("medications", f"{head},主診斷\n{COMMON},高血壓\n")) == (1, 0, 0, 0)
    assert counts(import_text("medications", f"{head},撤銷\n{COMMON},Y\n")) == (0, 0, 1, 0)
    assert models.Medication.objects.get().origin == Origin.CARD


@pytest.mark.parametrize(
    ("column", "field", "code"),
    [
        ("藥品用量", "56.123", "IMP-FORMAT"),
        ("藥品用量", "５６", "IMP-FULLWIDTH"),
        ("藥品用量", "-1", "IMP-FORMAT"),
        ("給藥日數", "400", "IMP-NUMBER"),
        ("ATC代碼", "C08DB1", "IMP-FORMAT"),
        ("成分名稱", "=HYPERLINK(1)", "IMP-FORMULA"),
        ("慢性病連續處方箋領藥日", "2999-01-01", "IMP-FUTURE"),
        ("就醫科別", "內科部", "IMP-FORMAT"),
    ],
)
def test_a_wrong_field_says_what_is_wrong(
    import_text: Import, column: str, field: str, code: str
) -> None:
    run = import_text("medications", f"{HEAD.format(day='就醫日期')},{column}\n{COMMON},{field}\n")
    assert [found[2] for found in errors(run)] == [code]
    assert not models.Medication.objects.exists()


def test_password_flags_keep_what_is_newest(import_text: Import) -> None:
    head = "身分證號,密碼註記,資料日期\n"
    assert counts(import_text("password-flags", f"{head}{CHEN},Y,1130301\n")) == (1, 0, 0, 0)
    assert counts(import_text("password-flags", f"{head}{CHEN},N,1130201\n")) == (0, 0, 0, 1)
    assert PasswordFlag.objects.get().is_set
    assert counts(import_text("password-flags", f"{head}{CHEN},N,1130401\n")) == (0, 1, 0, 0)
    assert not PasswordFlag.objects.get().is_set


def test_the_drug_list_names_what_a_code_stands_for(import_text: Import) -> None:
    text = "藥品代碼,藥品名稱,成分名稱,ATC代碼\nXX00000100,DEMO TABLETS,diltiazem,C08DB01\n"
    assert counts(import_text("drugs", text)) == (1, 0, 0, 0)
    assert counts(import_text("drugs", text)) == (0, 0, 0, 1)
    assert models.Drug.objects.get(code="XX00000100").atc_code == "C08DB01"
