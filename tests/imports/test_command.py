"""`manage.py import_file KIND PATH`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.institutions.models import Institution

pytestmark = pytest.mark.django_db


def test_it_publishes_and_tells_what_came_of_it(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("code,name\n0101090517,臺北市立聯合醫院\n")
    out = StringIO()
    call_command("import_file", "institutions", str(file), stdout=out)
    assert out.getvalue() == (
        "1 of 1 lines published: 1 added, 0 corrected, 0 removed, 0 unchanged.\n"
    )
    assert file.exists()


def test_it_tells_the_errors_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("code,name\n0101090517,臺北市立聯合醫院\n1,x\n")
    err = StringIO()
    with pytest.raises(CommandError, match=r"1 of 2 lines"):
        call_command("import_file", "institutions", str(file), stderr=err)
    assert "line 3, code:" in err.getvalue()
    assert "[IMP-FORMAT]" in err.getvalue()
    assert not Institution.objects.filter(code="0101090517").exists()
    call_command("import_file", "institutions", str(file), "--good-lines", stderr=err)
    assert Institution.objects.filter(code="0101090517").exists()


def test_check_publishes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("code,name\n0101090517,臺北市立聯合醫院\n")
    out = StringIO()
    call_command("import_file", "institutions", str(file), "--check", stdout=out)
    assert out.getvalue() == "1 of 1 lines are good; none published.\n"
    assert not Institution.objects.filter(code="0101090517").exists()


@pytest.mark.parametrize("arguments", [("secrets", __file__), ("institutions", "/nowhere.csv")])
def test_an_unknown_kind_or_file_is_refused(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=r"There is no"):
        call_command("import_file", *arguments)
