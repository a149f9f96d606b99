"""Operators edit the portal's texts: each change is one access event, and nothing else may change them.

Another operator publishes what one drafted (tests/access/test_proposals.py has the drafts).
"""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.access.models import Proposal, ServiceApplication
from apps.access.services.proposals import publish_change
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import LogUnavailable
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.portal.admin import STUCK_AFTER
from apps.portal.forms import LARGEST_FILE
from apps.portal.models import Announcement, Contact, Download, Link, Statement
from apps.portal.reference import read
from tests.support.world import Pharmacy, make_operator, session_columns

pytestmark = pytest.mark.django_db

ADMIN = "/backoffice/portal"


@pytest.fixture
def operator() -> Client:
    store = SessionStore()
    person = make_operator()
    store.open(**session_columns(person, role=SessionRole.OPERATOR, card_kind=CardKind.CITIZEN))
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return browser


def changes(events: Any) -> list[dict[str, Any]]:
    return [event for event in events() if event["action"].endswith("_record")]


def send(operator: Client, path: str, data: dict[str, Any]) -> Any:
    """Drafts a change; if it was one, a second operator publishes it. The answer to the first."""
    answer = operator.post(path, data)
    for drafted in Proposal.objects.waiting():
        publish_change(proposal=drafted.pk, by=Actor(person=make_operator().pk, role="OPERATOR"))
    return answer


def announcement(**fields: str) -> dict[str, str]:
    values = {"board": "NEWS", "service": "", "title": "停機公告", "title_en": "", "body": "今晚"}
    return values | {"body_en": "", "shown_from": "2026-11-01", "shown_until": ""} | fields


def test_adding_a_text_leaves_one_event(operator, events) -> None:
    answer = send(operator, f"{ADMIN}/announcement/add/", announcement())
    assert answer.status_code == 302, answer.context["errors"]
    (added,) = changes(events)
    assert (added["action"], added["object_type"]) == ("add_record", "portal.announcement")
    assert added["object_id"] == str(Announcement.objects.get().pk)
    assert added["role"] == "OPERATOR"


def test_changing_a_text_leaves_one_event_that_names_the_fields_and_no_value(
    operator, events
) -> None:
    text = Announcement.objects.create(title="舊", body="今晚", shown_from="2026-11-01")
    send(operator, f"{ADMIN}/announcement/{text.pk}/change/", announcement(title_en="Tonight"))
    (changed,) = changes(events)
    assert changed["action"] == "change_record"
    assert changed["detail"] == {"fields": "title,title_en"}
    text.refresh_from_db()
    assert text.title == "停機公告"


def test_saving_a_text_as_it_is_leaves_no_event(operator, events) -> None:
    send(operator, f"{ADMIN}/announcement/add/", announcement())
    text = Announcement.objects.get()
    send(operator, f"{ADMIN}/announcement/{text.pk}/change/", announcement())
    assert [event["action"] for event in changes(events)] == ["add_record"]


def test_removing_texts_leaves_one_event_each(operator, events) -> None:
    texts = [Link.objects.create(name=name, address="https://example.org/") for name in "ab"]
    for text in texts:
        send(operator, f"{ADMIN}/link/{text.pk}/delete/", {"post": "yes"})
    removed = changes(events)
    assert {event["object_id"] for event in removed} == {str(text.pk) for text in texts}
    assert {event["action"] for event in removed} == {"remove_record"}
    assert not Link.objects.filter(address="https://example.org/").exists()


def test_removing_many_at_once_drafts_each(rf, events) -> None:
    """No list of ours offers it, but an admin that does must not get round log and four eyes."""
    request = rf.post("/")
    request.actor = Actor(person=make_operator().pk, role="OPERATOR")
    site._registry[Link].delete_queryset(request, Link.objects.all())
    drafted = [event for event in events() if event["action"] == "draft_change"]
    assert len(drafted) == Link.objects.count() == len(read("links"))


def test_a_change_that_cannot_be_recorded_does_not_happen(operator, monkeypatch) -> None:
    def fail(event: Any) -> int:
        raise LogUnavailable(reason="event_not_written")

    monkeypatch.setattr("apps.audit.changes.record_change", fail)
    with pytest.raises(LogUnavailable):
        send(operator, f"{ADMIN}/announcement/add/", announcement())
    assert not Announcement.objects.exists()
    assert Proposal.objects.waiting().count() == 1
    monkeypatch.setattr("apps.access.services.proposals.record_change", fail)
    answer = operator.post(f"{ADMIN}/announcement/add/", announcement())
    assert answer.status_code == 503
    assert Proposal.objects.waiting().count() == 1


def test_mistakes_are_told_and_change_nothing(operator, events) -> None:
    answer = send(operator, f"{ADMIN}/announcement/add/", announcement(shown_until="2026-10-01"))
    assert "結束日期早於開始日期。" in answer.content.decode()
    assert changes(events) == []


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org/", "example.org"])
def test_links_lead_to_web_pages_only(operator, address) -> None:
    data = {"name": "壞", "name_en": "", "address": address, "position": "1"}
    send(operator, f"{ADMIN}/link/add/", data)
    assert not Link.objects.filter(name="壞").exists()


def test_statements_change_but_neither_come_nor_go(operator, events) -> None:
    text = Statement.objects.get(name="privacy")
    assert operator.get(f"{ADMIN}/statement/add/").status_code == 403
    assert operator.get(f"{ADMIN}/statement/{text.pk}/delete/").status_code == 403
    send(
        operator,
        f"{ADMIN}/statement/{text.pk}/change/",
        {"body": "新版", "body_en": "New", "source": text.source},
    )
    assert "新版" in Client().get("/statements/privacy/").content.decode()
    assert [event["detail"] for event in changes(events)] == [{"fields": "body,body_en"}]


def download(**fields: Any) -> dict[str, Any]:
    values = {"shelf": "DOCUMENTS", "service": "", "name": "手冊", "name_en": "", "version": "1"}
    return values | {"address": "", "sha256": "", "position": "0"} | fields


def test_uploaded_file_is_offered_with_its_checksum(operator) -> None:
    content = b"%PDF-1.7 handbook"
    file = SimpleUploadedFile("手冊 v1.pdf", content, content_type="text/html")
    answer = operator.post(f"{ADMIN}/download/add/", download(file=file))
    assert answer.status_code == 302, answer.context["errors"]
    kept = Download.objects.get(name="手冊")
    html = Client().get("/downloads/").content.decode()
    assert hashlib.sha256(content).hexdigest() in html
    assert f'href="/downloads/{kept.pk}/"' in html


def test_file_comes_as_a_file_whatever_it_is(operator) -> None:
    file = SimpleUploadedFile("page.html", b"<script>", content_type="text/html")
    operator.post(f"{ADMIN}/download/add/", download(file=file))
    answer = Client().get(f"/downloads/{Download.objects.get().pk}/")
    assert answer.content == b"<script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_changing_the_name_keeps_the_file(operator) -> None:
    file = SimpleUploadedFile("a.txt", b"text")
    operator.post(f"{ADMIN}/download/add/", download(file=file))
    kept = Download.objects.get()
    operator.post(f"{ADMIN}/download/{kept.pk}/change/", download(name="新名稱", sha256="0" * 64))
    changed = Download.objects.get()
    assert (changed.name, bytes(changed.content), changed.sha256) == (
        "新名稱",
        b"text",
        kept.sha256,
    )


def test_a_link_replaces_the_file(operator) -> None:
    operator.post(f"{ADMIN}/download/add/", download(file=SimpleUploadedFile("a.txt", b"text")))
    kept = Download.objects.get()
    operator.post(
        f"{ADMIN}/download/{kept.pk}/change/", download(address="https://example.org/a.txt")
    )
    changed = Download.objects.get()
    assert (changed.content, changed.file_name, changed.size) == (None, "", None)
    assert Client().get(f"/downloads/{kept.pk}/").status_code == 404


@pytest.mark.parametrize("both", [True, False])
def test_download_needs_a_file_or_a_link(operator, both) -> None:
    fields = {"file": SimpleUploadedFile("a", b"a"), "address": "https://example.org/"}
    answer = operator.post(f"{ADMIN}/download/add/", download(**fields if both else {}))
    assert "檔案與連結請擇一提供。" in answer.content.decode()
    assert not Download.objects.exists()


def test_file_has_a_limit(operator) -> None:
    file = SimpleUploadedFile("big", bytes(LARGEST_FILE + 1))
    answer = operator.post(f"{ADMIN}/download/add/", download(file=file))
    assert "檔案超過" in answer.content.decode()


def test_help_desk_finds_a_code_in_the_back_office(operator) -> None:
    html = operator.get(f"{ADMIN}/refusalcode/?q=VBK-C05").content.decode()
    assert "與上一劑的間隔不足" in html
    assert "VBK-C06" not in html


def test_back_office_pages_ask_for_no_permission_rows(operator) -> None:
    contact = Contact.objects.first()
    assert contact
    page = operator.get(f"{ADMIN}/contact/{contact.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' in page.content.decode()


def test_first_page_shows_what_waits_and_leads_there(operator) -> None:
    assert 'data-table="waiting"' not in operator.get("/backoffice/").content.decode()
    pharmacy = Pharmacy()
    ServiceApplication.objects.create(
        institution=pharmacy.institution,
        service=pharmacy.service,
        requested_by=pharmacy.pharmacist,
    )
    waiting = operator.get("/backoffice/").content.decode().split('data-table="waiting"')[1]
    assert "待審核的服務申請" in waiting
    assert "<strong>1</strong>" in waiting


def test_message_that_was_just_written_is_not_stuck(operator) -> None:
    message = OutboxMessage.objects.create(topic="test", payload={})
    assert "尚未送出的通知" not in operator.get("/backoffice/").content.decode()
    OutboxMessage.objects.filter(pk=message.pk).update(
        created_at=clock.now() - STUCK_AFTER - timedelta(seconds=1)
    )
    assert "尚未送出的通知" in operator.get("/backoffice/").content.decode()
