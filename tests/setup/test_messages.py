"""Every message of the source is translated, and its placeholders survive translation."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from config import messages
from config.messages import DOMAINS, Domain

by_name = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")

SOURCE = Domain(
    name="django",
    catalogue="locale/zh_Hant/LC_MESSAGES/django.po",
    python=("*.py",),
    django=("*.html",),
    jinja=("*.jinja",),
)


@by_name
def test_no_message_lacks_a_translation(domain: Domain) -> None:
    assert messages.missing(domain) == []


@by_name
def test_the_catalogue_holds_what_the_source_uses_and_nothing_fuzzy(domain: Domain) -> None:
    catalogue = messages.read_catalogue(domain)
    assert messages.keys(catalogue) == messages.extracted(domain)
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


@by_name
def test_placeholders_are_the_same_in_both_languages(domain: Domain) -> None:
    for message in messages.read_catalogue(domain):
        if not message.id:
            continue
        source = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        for translation in messages.translations(message):
            assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(source)), source


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "code.py").write_text(
        "_('Hello')\ngettext_lazy('Lazy')\npgettext('month', 'May')\n"
        "ngettext('%(n)d card', '%(n)d cards', 3)\nf(name)\n"
    )
    (tmp_path / "page.html").write_text(
        "{% load i18n %}{% translate 'It is 100% sure' %}{% translate 'May' context 'modal' %}"
        "{{ _('Filter') }}{% blocktranslate trimmed with a=b %}\n  Dear\n  {{ a }}\n"
        "{% endblocktranslate %}{% blocktranslate count n=m %}{{ n }} dose{% plural %}{{ n }} doses"
        "{% endblocktranslate %}{# _('Not this') #}"
    )
    (tmp_path / "page.jinja").write_text(
        "{{ _('Insert') }}{% trans who=x %}Hi {{ who }}{% endtrans %}"
    )
    return tmp_path


def test_python_django_and_jinja_messages_are_found(project: Path) -> None:
    assert messages.extracted(SOURCE, project) == {
        (None, "Hello", None),
        (None, "Lazy", None),
        ("month", "May", None),
        (None, "%(n)d card", "%(n)d cards"),
        (None, "It is 100%% sure", None),
        ("modal", "May", None),
        (None, "Filter", None),
        (None, "Dear %(a)s", None),
        (None, "%(n)s dose", "%(n)s doses"),
        (None, "Insert", None),
        (None, "Hi %(who)s", None),
    }


def update(project: Path) -> Catalog:
    keys = messages.extracted(SOURCE, project)
    catalogue = messages.merged(keys, messages.read_catalogue(SOURCE, project))
    messages.write_catalogue(SOURCE, catalogue, project)
    return messages.read_catalogue(SOURCE, project)


def test_an_update_keeps_translations_and_changes_nothing_twice(project: Path) -> None:
    catalogue = update(project)
    catalogue["Hello"].string = "您好"
    catalogue.get("May", "month").string = "五月"
    messages.write_catalogue(SOURCE, catalogue, project)
    update(project)
    once = (project / SOURCE.catalogue).read_bytes()
    again = update(project)
    assert (project / SOURCE.catalogue).read_bytes() == once
    assert again["Hello"].string == "您好"
    assert again.get("May", "month").string == "五月"
    assert "Hello" not in messages.missing(SOURCE, project)
    assert "Lazy" in messages.missing(SOURCE, project)


def test_a_message_that_comes_back_finds_its_translation_again(project: Path) -> None:
    catalogue = update(project)
    catalogue["Hello"].string = "您好"
    messages.write_catalogue(SOURCE, catalogue, project)
    source = (project / "code.py").read_text()
    (project / "code.py").write_text(source.replace("_('Hello')", ""))
    assert "Hello" not in update(project)
    (project / "code.py").write_text(source)
    assert update(project)["Hello"].string == "您好"


def test_the_catalogue_names_no_line_and_no_moment_of_its_making(project: Path) -> None:
    update(project)
    text = (project / SOURCE.catalogue).read_text()
    assert "#: " not in text
    assert "2026-01-01" in text
