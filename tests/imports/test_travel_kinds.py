"""Files of travel and contact history, with numbers of every kind."""

from datetime import date

import pytest

from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.imports.models import ImportRun
from apps.imports.terms import RunState
from apps.travel.models import (
    Advisory,
    Contact,
    Label,
    ListEntry,
    Referral,
    Release,
    TravelRecord,
)
from tests.imports.conftest import Import, errors

WANG = "C121103509"
HEADER = "number,direction,moved_on,country,country_name\n"


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    assert run.state == RunState.PUBLISHED, errors(run)
    return run.made, run.changed, run.removed, run.unchanged


def test_one_file_names_people_by_any_kind_of_number(import_text: Import) -> None:
    lines = (
        f"{WANG},入境,109/04/09,USA,美國",
        "ab1234567890,入境,2020-04-10,HKG,香港",
        "x1234567-usa,出境,20200411,JPN,日本",
    )
    text = HEADER + "\n".join(lines)
    assert counts(import_text("travel", text)) == (3, 0, 0, 0)
    for kind, number, country in (
        (IdentifierKind.NATIONAL_ID, WANG, "USA"),
        (IdentifierKind.ENTRY_PERMIT, "AB1234567890", "HKG"),
        (IdentifierKind.PASSPORT, "USAX1234567", "JPN"),
    ):
        assert TravelRecord.objects.get(patient=find(kind=kind, value=number)).country == country
    assert counts(import_text("travel", text)) == (0, 0, 0, 3)
    corrected = text.replace("美國", "美利堅合眾國")
    assert counts(import_text("travel", corrected)) == (0, 1, 0, 2)
    gone = f"number,direction,moved_on,country,country_name,withdrawn\n{lines[0]},Y\n"
    assert counts(import_text("travel", gone)) == (0, 0, 1, 0)


def test_wrong_numbers_say_what_is_wrong(import_text: Import) -> None:
    lines = (
        "C121103508,ENTRY,2020-04-09,USA,美國",
        "AB12345678901,ENTRY,2020-04-09,USA,美國",
        "X1234567-US,ENTRY,2020-04-09,USA,美國",
        "X123 4567-USA,ENTRY,2020-04-09,USA,美國",
        "Ｃ121103509,ENTRY,2020-04-09,USA,美國",
        f"{WANG},過境,2020-04-09,USA,美國",
        f"{WANG},ENTRY,2999-04-09,USA,美國",
        f"{WANG},ENTRY,2020-04-09,us,美國",
        f"{WANG},ENTRY,2020-04-09,USA,=1+1",
        f"{WANG},ENTRY,2020-04-09,USA,美國",
        f"{WANG},入境,109/04/09,USA,美國",
    )
    run = import_text("travel", HEADER + "\n".join(lines))
    assert errors(run) == [
        (2, "number", "ID-CHECKSUM"),
        (3, "number", "ID-LENGTH"),
        (4, "number", "ID-NATIONALITY"),
        (5, "number", "ID-SPACES"),
        (6, "number", "ID-FULLWIDTH"),
        (7, "direction", "IMP-CHOICE"),
        (8, "moved_on", "IMP-FUTURE"),
        (9, "country", "IMP-FORMAT"),
        (10, "country_name", "IMP-FORMULA"),
        (12, "country", "IMP-DUPLICATE"),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "model", "expected"),
    [
        (
            "contacts",
            f"證號,最後接觸日\n{WANG},1090420\n",
            Contact,
            {"contact_on": date(2020, 4, 20)},
        ),
        (
            "releases",
            f"證號,類別,解除日期\n{WANG},居家檢疫,109/04/23\n",
            Release,
            {"kind": "QUARANTINE", "released_on": date(2020, 4, 23)},
        ),
        (
            "referrals",
            f"證號,轉診日期,採檢院所,回復日期\n{WANG},109/04/24,臺北市立聯合醫院,\n",
            Referral,
            {
                "referred_on": date(2020, 4, 24),
                "sampling_site": "臺北市立聯合醫院",
                "answered_on": None,
            },
        ),
        (
            "occupations",
            f"證號,類別,名稱,起日\n{WANG},特定職業別,醫事人員,109/01/01\n",
            Label,
            {"kind": "OCCUPATION", "name": "醫事人員", "valid_until": None},
        ),
        (
            "named-lists",
            f"證號,名單,列入日期,截止日期\n{WANG},部桃專案名單,110/01/22,110/02/05\n",
            ListEntry,
            {"list_name": "部桃專案名單", "ends_on": date(2021, 2, 5)},
        ),
    ],
)
def test_each_kind_is_found_under_the_person(import_text: Import, kind, text, model, expected):
    assert counts(import_text(kind, text)) == (1, 0, 0, 0)
    row = model.objects.get(patient=find(kind=IdentifierKind.NATIONAL_ID, value=WANG))
    assert {name: getattr(row, name) for name in expected} == expected
    assert counts(import_text(kind, text)) == (0, 0, 0, 1)
    head, line = text.splitlines()
    assert counts(import_text(kind, f"{head},撤銷\n{line},Y\n")) == (0, 0, 1, 0)


def test_an_answered_referral_is_corrected(import_text: Import) -> None:
    head = "證號,轉診日期,採檢院所,回復日期\n"
    import_text("referrals", f"{head}{WANG},109/04/24,聯醫,\n")
    assert counts(import_text("referrals", f"{head}{WANG},109/04/24,聯醫,109/04/25\n")) == (
        0,
        1,
        0,
        0,
    )
    assert Referral.objects.get().answered_on == date(2020, 4, 25)


def test_advisories_and_their_limits(import_text: Import) -> None:
    head = "國家代碼,國家,等級,起日,迄日\n"
    text = f"{head}USA,美國,3,109/03/19,\nJPN,日本,2,109/02/22,109/03/18\n"
    assert counts(import_text("advisories", text)) == (2, 0, 0, 0)
    assert Advisory.objects.get(country="JPN").valid_until == date(2020, 3, 18)
    run = import_text(
        "advisories", f"{head}USA,美國,4,109/03/19,\nJPN,日本,2,109/02/22,109/01/18\n"
    )
    assert errors(run) == [(2, "level", "IMP-NUMBER"), (3, "valid_until", "IMP-PERIOD")]
