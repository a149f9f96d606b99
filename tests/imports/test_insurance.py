"""The file of who is insured (FEATURES G2)."""

from datetime import date

import pytest
from django.core.management import call_command

from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.visits.models import InsuranceStatus

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = (
    "身分證號,在保狀態,欠費,保險人代碼,身分註記,出生日期,"
    "卡片有效期限,卡片密碼,就醫可用次數,新生兒出生日期,新生兒胞胎註記"
)
FILE = f"""{HEAD}
C121103509,在保,N,01,3,0570229,1201231,Y,6,1151101,1
A223456781,退保,是,02,2,1988-01-15,,,0,,
"""


def publish(tmp_path, content: str) -> None:
    path = tmp_path / "insurance.csv"
    path.write_text(content)
    call_command("import_file", "insurance", str(path))


def status_of(number: str) -> InsuranceStatus:
    patient = find(kind=IdentifierKind.NATIONAL_ID, value=number)
    return InsuranceStatus.objects.get(patient_id=patient)


def test_the_agencies_columns_fill_the_table(tmp_path) -> None:
    publish(tmp_path, FILE)
    first, second = status_of("C121103509"), status_of("A223456781")
    assert (first.state, first.visits_left, first.card_password) == ("INSURED", 6, True)
    assert (first.born_on, first.card_valid_until) == (date(1968, 2, 29), date(2031, 12, 31))
    assert (first.newborn_born_on, first.newborn_mark) == (date(2026, 11, 1), "1")
    assert (second.state, second.arrears, second.identity_mark) == ("WITHDRAWN", True, "2")
    assert (second.card_valid_until, second.card_password) == (None, None)


def dated(day: str, *, left: int) -> str:
    return f"身分證號,在保狀態,就醫可用次數,資料日期\nC121103509,在保,{left},{day}\n"


LATER = {
    "the same file": (FILE, FILE, 1),
    "another state only": (FILE, FILE.replace("C121103509,在保,N", "C121103509,停保,N"), 1),
    "another number": (FILE, FILE.replace(",Y,6,", ",Y,4,"), 4),
    "the same number of a later day": (
        dated("1150101", left=6),
        dated("1150102", left=6),
        6,
    ),
    "the same day again": (dated("1150101", left=6), dated("1150101", left=6), 1),
    "an earlier day": (dated("1150102", left=6), dated("1150101", left=3), 1),
}


@pytest.mark.parametrize(("before", "after", "left"), LATER.values(), ids=list(LATER))
def test_only_a_newer_word_sets_the_visits_anew(tmp_path, before, after, left) -> None:
    publish(tmp_path, before)
    InsuranceStatus.objects.update(visits_left=1, number_year=115, last_number=5)
    publish(tmp_path, after)
    status = status_of("C121103509")
    assert (status.visits_left, status.last_number) == (left, 5)
    assert status.state == ("SUSPENDED" if "停保" in after else "INSURED")
