"""Upload, progress, errors, publish and cancel in the back office."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.imports import tasks
from apps.imports.models import ImportRun
from apps.imports.services import process_import
from apps.imports.terms import RunState
from apps.institutions.models import Institution
from tests.imports.conftest import Import
from tests.support.counter import code_of, page_of
from tests.support.world import make_operator, session_columns

pytestmark = pytest.mark.django_db

BASE = "/backoffice/imports/importrun/"
TWO = "code,name\n0101090517,臺北市立聯合醫院\n0102020011,高雄市立聯合醫院\n"
ONE_WRONG = "code,name\n0101090517,臺北市立聯合醫院\n01010,太短\n"


@pytest.fixture
def operator() -> Client:
    columns = session_columns(
        make_operator(), role=SessionRole.OPERATOR, card_kind=CardKind.CITIZEN
    )
    store, browser = SessionStore(), Client()
    store.open(**columns)
    browser.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return browser


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What workers were told; nothing is worked on until the test does so."""
    told: list[str] = []
    monkeypatch.setattr(tasks.process_import, "delay", told.append)
    return told


Upload = Callable[..., Any]


@pytest.fixture
def upload(operator: Client, queue: list[str], django_capture_on_commit_callbacks: Any) -> Upload:
    def post(text: str = TWO, **fields: str) -> Any:
        file = SimpleUploadedFile("機構.csv", text.encode())
        values = {"kind": "institutions", "mode": "ALL", "file": file} | fields
        with django_capture_on_commit_callbacks(execute=True):
            return operator.post(f"{BASE}upload/", values)

    return post


def test_an_upload_is_checked_shown_and_published_by_a_person(
    operator: Client, upload: Upload, queue: list[str]
) -> None:
    answer = upload()
    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{BASE}{run.pk}/")
    assert queue == [str(run.pk)]
    page = operator.get(answer["Location"])
    assert (page_of(page), run.file_name) == ("admin:show_import", "機構.csv")
    assert 'hx-trigger="every 2s"' in page.content.decode()
    assert '<meta http-equiv="refresh"' in page.content.decode()
    process_import(run.pk)
    html = operator.get(f"{BASE}{run.pk}/").content.decode()
    assert 'data-state="CHECKED"' in html
    assert 'data-action="publish_import"' in html
    assert "hx-trigger" not in html
    assert not Institution.objects.filter(code="0101090517").exists()
    assert operator.post(f"{BASE}{run.pk}/publish/").status_code == 302
    process_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made) == (RunState.PUBLISHED, 2)
    assert run.started_by is not None
    html = operator.get(f"{BASE}{run.pk}/progress/").content.decode()
    assert '<dd data-count="made">2</dd>' in html


def test_publish_at_once_needs_no_second_click(upload: Upload) -> None:
    upload(publish_at_once="on")
    run = ImportRun.objects.get()
    process_import(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.PUBLISHED


def test_errors_are_shown_and_downloaded(operator: Client, upload: Upload) -> None:
    upload(ONE_WRONG)
    run = ImportRun.objects.get()
    process_import(run.pk)
    html = operator.get(f"{BASE}{run.pk}/").content.decode()
    assert "IMP-FORMAT" in html
    assert 'data-action="publish_import"' not in html
    answer = operator.get(f"{BASE}{run.pk}/errors.csv")
    text = answer.getvalue().decode()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert text == "\ufeff行,欄位,代碼,說明\r\n3,code,IMP-FORMAT,內容不符合此欄的格式。\r\n"


def test_a_column_name_is_no_formula_in_the_download(operator: Client, upload: Upload) -> None:
    upload("code,name,=cmd()\n0101090517,臺北市立聯合醫院,x\n")
    run = ImportRun.objects.get()
    process_import(run.pk)
    text = operator.get(f"{BASE}{run.pk}/errors.csv").getvalue().decode()
    assert "1,'=cmd(),IMP-UNKNOWN-COLUMN," in text


def test_a_cancelled_run_cannot_be_published(operator: Client, upload: Upload) -> None:
    upload()
    run = ImportRun.objects.get()
    process_import(run.pk)
    assert operator.post(f"{BASE}{run.pk}/cancel/").status_code == 302
    page = operator.post(f"{BASE}{run.pk}/publish/")
    assert (page.status_code, code_of(page)) == (409, "IMP-STATE")
    assert not run.path.exists()


def test_a_form_without_file_or_kind_says_so(operator: Client) -> None:
    page = operator.post(f"{BASE}upload/", {"mode": "ALL"})
    html = page.content.decode()
    assert page.status_code == 400
    assert "請選擇檔案類別。" in html
    assert "請選擇檔案。" in html


def test_an_empty_file_is_refused_beside_the_field(upload: Upload) -> None:
    page = upload("")
    assert page.status_code == 400
    assert "檔案是空的。" in page.content.decode()
    assert not ImportRun.objects.exists()


def test_an_unknown_run_is_not_found(operator: Client) -> None:
    assert operator.get(f"{BASE}{uuid4()}/").status_code == 404


def test_the_list_links_to_upload_and_to_each_run(operator: Client, upload: Upload) -> None:
    upload()
    run = ImportRun.objects.get()
    html = operator.get(BASE).content.decode()
    assert f'href="{BASE}upload/"' in html
    assert operator.get(f"{BASE}{run.pk}/change/")["Location"] == f"{BASE}{run.pk}/"


def test_watching_is_not_recorded_again_and_again(
    operator: Client, upload: Upload, events: Any
) -> None:
    upload()
    run = ImportRun.objects.get()
    operator.get(f"{BASE}{run.pk}/")
    before = len(events())
    operator.get(f"{BASE}{run.pk}/progress/")
    assert len(events()) == before


def test_the_same_file_again_says_when_it_was_published(
    operator: Client, import_text: Import
) -> None:
    import_text("institutions", TWO)
    again = import_text("institutions", TWO, publish=False)
    assert "相同的檔案已於" in operator.get(f"{BASE}{again.pk}/").content.decode()
