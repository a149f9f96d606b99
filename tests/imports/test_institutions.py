"""The tenant register's file: from code and name alone to every column."""

from apps.imports.terms import ErrorMode, RunState
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionKind, InstitutionStatus
from tests.imports.conftest import Import, errors
from tests.support.world import make_institution


def test_code_and_name_are_enough_where_the_code_tells_the_kind(import_text: Import) -> None:
    run = import_text("institutions", "code,name\n0101090517,臺北市立聯合醫院\n")
    assert (run.state, run.lines, run.made) == (RunState.PUBLISHED, 1, 1), errors(run)
    made = Institution.objects.get(code="0101090517")
    assert (made.name, made.kind, made.district) == (
        "臺北市立聯合醫院",
        InstitutionKind.HOSPITAL,
        None,
    )
    assert made.status == InstitutionStatus.ACTIVE


def test_a_rich_file_fills_every_column(import_text: Import) -> None:
    run = import_text(
        "institutions",
        "機構代碼,機構名稱,類別,特約,視訊診療,急診,郵遞區號,地址,電話,分區業務組,負責人身分證號,狀態\r\n"
        "3501010010,安心診所,診所,N,Y,是,105,八德路四段9號,02-2345-6789,臺北業務組,A123456789,開業\r\n",
    )
    assert run.state == RunState.PUBLISHED, errors(run)
    made = Institution.objects.select_related("responsible", "district").get(code="3501010010")
    assert (made.kind, made.contracted) == (InstitutionKind.CLINIC, False)
    assert (made.offers_video_consultation, made.has_emergency_department) == (True, True)
    assert made.full_address == "臺北市松山區八德路四段9號"
    assert made.responsible is not None


def test_a_later_file_corrects_and_what_it_leaves_out_stays(import_text: Import) -> None:
    place = make_institution(code="5901012345", name="健全藥局", phone="02-1")
    run = import_text("institutions", "code,name\n5901012345,康健藥局\n")
    assert (run.made, run.changed, run.unchanged) == (0, 1, 0)
    place.refresh_from_db()
    assert (place.name, place.phone, place.district_id) == ("康健藥局", "02-1", "105")


def test_the_same_file_twice_changes_nothing(import_text: Import) -> None:
    text = "code,name\n0101090517,臺北市立聯合醫院\n0102020011,高雄市立聯合醫院\n"
    assert import_text("institutions", text).made == 2
    before = list(Institution.objects.values_list())
    again = import_text("institutions", text)
    assert (again.state, again.made, again.changed, again.unchanged) == (
        RunState.PUBLISHED,
        0,
        0,
        2,
    )
    assert list(Institution.objects.values_list()) == before


def test_a_new_institution_whose_code_tells_no_kind_needs_one(import_text: Import) -> None:
    run = import_text("institutions", "code,name\n9901090517,某單位\n")
    assert (run.state, errors(run)) == (RunState.REFUSED, [(2, "kind", "IMP-NEEDED")])


def test_a_file_may_close_an_institution_but_not_reopen_it(import_text: Import) -> None:
    place = make_institution(code="5901012345")
    assert import_text("institutions", "code,name,status\n5901012345,健全藥局,歇業\n").changed == 1
    place.refresh_from_db()
    assert place.status == InstitutionStatus.CLOSED
    run = import_text("institutions", "code,name,status\n5901012345,健全藥局,ACTIVE\n")
    assert errors(run) == [(2, "status", "IMP-REOPEN")]
    place.refresh_from_db()
    assert place.status == InstitutionStatus.CLOSED


def test_good_lines_only_leaves_the_wrong_ones_out(import_text: Import) -> None:
    text = "code,name\n0101090517,臺北市立聯合醫院\n01010905,太短\n0102020011,\n"
    run = import_text("institutions", text, mode=ErrorMode.GOOD)
    assert (run.state, run.lines, run.bad_lines, run.made) == (RunState.PUBLISHED, 3, 2, 1)
    assert errors(run) == [(3, "code", "IMP-FORMAT"), (4, "name", "IMP-EMPTY")]


def test_all_or_nothing_publishes_nothing(import_text: Import) -> None:
    run = import_text("institutions", "code,name\n0101090517,臺北市立聯合醫院\n01010905,太短\n")
    assert (run.state, run.bad_lines) == (RunState.REFUSED, 1)
    assert not Institution.objects.filter(code="0101090517").exists()
