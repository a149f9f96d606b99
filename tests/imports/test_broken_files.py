"""Files broken in every way that we could think of: each has its code, at its line."""

import pytest

from apps.access.registers import Practice
from apps.core.errors import Invalid
from apps.imports import reading
from apps.imports.terms import ErrorMode, Fault, RunState
from apps.imports.wording import fault_message
from apps.institutions.models import Institution
from tests.imports.conftest import Import, errors
from tests.support.world import make_institution

HEAD = "code,name\n"
GOOD = "0101090517,臺北市立聯合醫院\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param((HEAD + GOOD).encode(), id="UTF-8"),
        pytest.param((HEAD + GOOD).encode("utf-8-sig"), id="UTF-8 with BOM"),
        pytest.param((HEAD + GOOD).encode("cp950"), id="Big5"),
        pytest.param((HEAD + GOOD).replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param((HEAD + GOOD).replace("\n", "\r").encode(), id="CR"),
        pytest.param((HEAD + GOOD).rstrip().encode(), id="no last line end"),
        pytest.param(f"{HEAD}\n \n{GOOD}\n,\n".encode(), id="empty lines"),
        pytest.param(f"Name , CODE\n臺北市立聯合醫院,{GOOD[:10]}\n".encode(), id="other order"),
        pytest.param('"code","name"\n "0101090517",x'.replace(' "', '"').encode(), id="quoted"),
        pytest.param(b'code,name\n="0101090517",x\n', id="digits told to be text"),
        pytest.param(b'code,name\n"=""0101090517""",x\n', id="the same, quoted"),
        pytest.param(f"ＣＯＤＥ,Na me\n{GOOD}".encode(), id="full-width header"),
        pytest.param(f"機構 代碼,醫事機構　名稱\n{GOOD}".encode("cp950"), id="blanks inside"),
        pytest.param(f"institution code,name\n{GOOD}".encode(), id="a blank for the dash"),
        pytest.param(f"\ufeff{HEAD}\ufeff{GOOD}".encode("utf-8-sig"), id="marks in the midst"),
        pytest.param(f"code,name\n {GOOD[:10]} ,　臺北市立聯合醫院　\n".encode(), id="blanks"),
    ],
)
def test_what_every_spreadsheet_writes_is_read(import_text: Import, data: bytes) -> None:
    run = import_text("institutions", data)
    assert (run.state, run.lines, run.made) == (RunState.PUBLISHED, 1, 1), errors(run)
    assert Institution.objects.get(code="0101090517").name in {"臺北市立聯合醫院", "x"}


def test_line_ends_may_be_mixed(import_text: Import) -> None:
    text = f"{HEAD[:-1]}\r\n0101090517,甲醫院\n0102020011,乙醫院\r0102070020,丙醫院\r\n"
    assert import_text("institutions", text).made == 3


def test_rare_characters_of_names_in_hong_kong_big5(import_text: Import) -> None:
    name = "林堃喆診所㗎"
    run = import_text("institutions", f"{HEAD}3501010010,{name}\n".encode("big5hkscs"))
    assert run.encoding == "big5hkscs"
    assert Institution.objects.get(code="3501010010").name == name


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\xff\xfec\x00o\x00", (0, "", Fault.ENCODING), id="UTF-16"),
        pytest.param(
            f"{HEAD}0101090517,".encode() + b"\xe8\x87\xba\xff\n",
            (0, "", Fault.ENCODING),
            id="broken",
        ),
        pytest.param(b"PK\x03\x04\x14\0\x06\0", (0, "", Fault.NOT_TEXT), id="Excel or ZIP"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (0, "", Fault.NOT_TEXT), id="old Excel"),
        pytest.param(b"%PDF-1.7\n", (0, "", Fault.NOT_TEXT), id="PDF"),
        pytest.param(b"\n", (1, "", Fault.NO_HEADER), id="one empty line"),
        pytest.param(HEAD.encode(), (1, "", Fault.NO_LINES), id="header alone"),
        pytest.param(b"name\nx\n", (1, "code", Fault.MISSING_COLUMN), id="missing column"),
        pytest.param(b"code,name,x\n1,2,3\n", (1, "x", Fault.UNKNOWN_COLUMN), id="unknown column"),
        pytest.param(b"code,name,\n1,2,\n", (1, "", Fault.UNKNOWN_COLUMN), id="nameless column"),
        pytest.param(b"code;name\n1;2\n", (1, "code", Fault.MISSING_COLUMN), id="semicolons"),
        pytest.param(b"code,name,CODE\n1,2,3\n", (1, "code", Fault.COLUMN_TWICE), id="twice"),
        pytest.param(b'"code,name\n', (1, "", Fault.QUOTE), id="open quote in the header"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(
    import_text: Import, data: bytes, expected: tuple[int, str, str]
) -> None:
    run = import_text("institutions", data, mode=ErrorMode.GOOD)
    assert run.state == RunState.REFUSED
    assert expected in errors(run)
    assert not run.path.exists()


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("0101090517", "", "IMP-WIDTH"),
        ("0101090517,甲,乙", "", "IMP-WIDTH"),
        ('0101090517,"甲"乙', "", "IMP-QUOTE"),
        ('0101090517,"甲', "", "IMP-QUOTE"),
        ("0101090517,甲\0乙", "", "IMP-NUL"),
        ("0101090517," + "甲" * 70_000, "", "IMP-LINE-LENGTH"),
        ("0101090517," + "甲" * 201, "name", "IMP-LENGTH"),
        ("0101090517,=HYPERLINK(1)", "name", "IMP-FORMULA"),
        ("0101090517,＋甲", "name", "IMP-FORMULA"),
        ("０１０１０９０５１７,甲", "code", "IMP-FULLWIDTH"),
        ("01010905171,甲", "code", "IMP-FORMAT"),
        ("1.0109E+09,甲", "code", "IMP-SCIENTIFIC"),
        ("1e9,甲", "code", "IMP-SCIENTIFIC"),
        ("101090517,甲", "code", "IMP-ZERO"),
        ("1010905,甲", "code", "IMP-FORMAT"),
        ("0101090517," + "甲" * 1_000_000, "", "IMP-LINE-LENGTH"),
        ("'; DROP TABLE x,甲", "code", "IMP-FORMAT"),
        (",甲", "code", "IMP-EMPTY"),
    ],
)
def test_a_broken_line_has_its_code_and_spares_the_others(
    import_text: Import, line: str, column: str, code: str
) -> None:
    text = f"{HEAD}0102020011,前\n{line}\n"
    run = import_text("institutions", text, mode=ErrorMode.GOOD)
    assert errors(run) == [(3, column, code)]
    assert (run.state, run.lines, run.bad_lines, run.made) == (RunState.PUBLISHED, 2, 1, 1)


def test_lines_after_a_broken_one_are_still_read(import_text: Import) -> None:
    text = f"{HEAD}0101090517,甲\0\n{'x' * 200_000}\n0102020011,後\n"
    run = import_text("institutions", text, mode=ErrorMode.GOOD)
    assert errors(run) == [(2, "", "IMP-NUL"), (3, "", "IMP-LINE-LENGTH")]
    assert Institution.objects.filter(code="0102020011").exists()


def test_every_fault_of_a_line_is_told_at_once(import_text: Import) -> None:
    run = import_text("institutions", "code,name,kind,district\n1,,什麼,999\n")
    assert errors(run) == [
        (2, "code", "IMP-FORMAT"),
        (2, "district", "IMP-REFERENCE"),
        (2, "kind", "IMP-CHOICE"),
        (2, "name", "IMP-EMPTY"),
    ]


def test_a_line_that_repeats_another_is_told_with_its_own_number(import_text: Import) -> None:
    text = f"{HEAD}{GOOD}0102020011,乙\n0101090517,丙\n0101090517,丁\n"
    run = import_text("institutions", text, mode=ErrorMode.GOOD)
    assert errors(run) == [(4, "code", "IMP-DUPLICATE"), (5, "code", "IMP-DUPLICATE")]
    assert Institution.objects.get(code="0101090517").name == "臺北市立聯合醫院"


def test_a_file_of_wrong_lines_only_is_refused_in_either_mode(import_text: Import) -> None:
    run = import_text("institutions", f"{HEAD}1,甲\n2,乙\n", mode=ErrorMode.GOOD)
    assert (run.state, run.bad_lines) == (RunState.REFUSED, 2)


def test_an_empty_file_is_not_even_noted(import_text: Import) -> None:
    with pytest.raises(Invalid) as refusal:
        import_text("institutions", b"")
    assert refusal.value.code == "IMP-EMPTY-FILE"


def test_an_unknown_kind_is_refused(import_text: Import) -> None:
    with pytest.raises(Invalid) as refusal:
        import_text("secrets", "a,b\n1,2\n")
    assert refusal.value.code == "IMP-KIND"


DAYS = [
    *(("2026-01-05", True), ("2026/1/5", True), ("2026.1.5", True), ("20260105", True)),
    *(("115/01/05", True), ("115/1/5", True), ("115.01.05", True), ("1150105", True)),
    *(("115-1-5", True), ("75/1/5", True), ("2026/2/30", False), ("2026/13/1", False)),
    *(("115/2/29", False), ("1150230", False), ("46027", False), ("115年1月5日", False)),
    *(("5/1/2026", False), ("2026/1", False), ("0115/1/5", False), ("2026//1", False)),
    *(("2026/01-05", False), ("115-1/5", False), ("2026.1-5", False)),
]


@pytest.mark.parametrize(("text", "good"), DAYS)
def test_days_of_both_eras_as_spreadsheets_write_them(import_text: Import, text, good) -> None:
    place = make_institution()
    line = f"{place.code},A123456789,甲,D,{text}\n"
    run = import_text(
        "practices", f"institution_code,national_id,name,profession,valid_from\n{line}"
    )
    assert errors(run) == ([] if good else [(2, "valid_from", "IMP-DAY")])
    if good:
        day = Practice.objects.get(institution=place).valid_from
        assert (day.year, day.month, day.day) == (1986 if text[:2] == "75" else 2026, 1, 5)


@pytest.mark.parametrize("code", [*Fault.values, "ID-CHECKSUM", "ID-FULLWIDTH", "ID-LENGTH"])
def test_every_code_has_a_sentence(code: str) -> None:
    assert str(fault_message(code)) not in {"", code}


MIXED = "".join(
    f"01{number:08d},{name}{end}"
    for number, (name, end) in enumerate(
        [
            ("甲醫院", "\n"),
            ("乙醫院", "\r\n"),
            ("丙醫院", "\r"),
            ('"丁\n醫院"', "\n"),  # a line end in quotes
            (" 戊醫院\t", "\r\n"),
            ('"己""醫院"', "\r"),
            ("庚\\醫院", "\n"),
            ("辛\t醫院", "\n"),
            ("", "\n\n \n,\n"),
            ("壬醫院,多", "\n"),
            ("癸醫院", ""),
        ]
    )
)


@pytest.mark.parametrize("block", [1, 7, 40, 1 << 20])
def test_a_file_reads_the_same_in_pieces_of_any_size(
    block: int, import_text: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain pieces are split as a whole, others go through the csv module; nobody can tell."""
    monkeypatch.setattr(reading, "BLOCK", block)
    run = import_text("institutions", "code,name\n" + MIXED, mode=ErrorMode.GOOD)
    assert errors(run) == [
        (5, "name", "IMP-CONTROL"),  # the record with a line end begins here
        (10, "name", "IMP-CONTROL"),
        (11, "name", "IMP-EMPTY"),
        (15, "", "IMP-WIDTH"),
    ]
    names = Institution.objects.filter(code__startswith="010000").values_list("name", flat=True)
    assert list(names.order_by("code")) == [
        *("甲醫院", "乙醫院", "丙醫院", "戊醫院", '己"醫院', "庚\\醫院", "癸醫院"),
    ]
