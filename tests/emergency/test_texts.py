"""The words of the emergency query are data: where they come from, and that two operators change them."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from apps.emergency.models import EmergencyText
from apps.emergency.reference import load
from apps.emergency.registry import all_tabs
from apps.emergency.terms import Place
from tests.emergency.conftest import TSENG
from tests.emergency.test_switches import switch
from tests.support.emergency import EmergencyRoom

pytestmark = pytest.mark.django_db
CHANGE = "/backoffice/emergency/emergencytext/{}/change/"


def test_what_the_manual_prints_is_named_and_the_rest_is_ours() -> None:
    printed = EmergencyText.objects.filter(ours=False)
    assert all(each.origin.startswith("手冊3") for each in printed)
    assert set(printed.values_list("place", flat=True)) == {Place.WARNING, Place.NOTICE}
    ours = EmergencyText.objects.filter(place__in=[Place.EXPLANATION, Place.EMPTY])
    assert all(each.ours for each in ours)
    assert ours.count() == 6 + len(all_tabs())


def test_every_tab_has_its_words_in_both_languages(room: EmergencyRoom) -> None:
    room.open_tabs()
    for language, name in (("zh-hant", "text"), ("en", "text_en")):
        room.browser.cookies["ankang_language"] = language
        for tab in all_tabs():
            page = room.tab(tab.name)
            empty = EmergencyText.objects.get(place=Place.EMPTY, tabs=[tab.name])
            assert page.context["empty"] == getattr(empty, name)
            notices = EmergencyText.objects.filter(place=Place.NOTICE, tabs__contains=[tab.name])
            wanted = list(notices.order_by("position").values_list(name, flat=True))
            assert page.context["notices"] == wanted
            assert wanted


@pytest.mark.parametrize(
    ("code", "route"),
    [("purpose", "start_emergency_query"), ("delay", "allergies"), ("validity", "chronic")],
)
def test_a_published_change_is_seen_at_once(
    room: EmergencyRoom, load: Callable[[str], None], code: str, route: str
) -> None:
    load(TSENG)
    room.open_tabs(TSENG)
    switch(CHANGE.format(code), text="改過的文字", ours="on")
    page = {
        "start_emergency_query": lambda: room.browser.get(reverse("start_emergency_query")),
        "allergies": lambda: room.tab("allergies"),
        "chronic": lambda: room.browser.get(room.path("show_chronic", "explanation")),
    }[route]()
    assert "改過的文字" in page.content.decode()


def test_what_stands_above_a_tab_is_numbered_as_the_manual_does_or_not_at_all() -> None:
    """A notice that is the manual's third there has no number where the first two are not shown."""
    for tab in all_tabs():
        notices = EmergencyText.objects.filter(place=Place.NOTICE, tabs__contains=[tab.name])
        for name, mark in (("text", "、"), ("text_en", ". ")):
            words = "\n".join(notices.order_by("position").values_list(name, flat=True))
            found = re.findall(rf"(?:^|。|; |\. |\n)([1-9]){re.escape(mark)}", words)
            numbers = [int(number) for number in found]
            assert numbers == list(range(1, len(numbers) + 1)), tab.name


def test_where_a_text_stands_is_the_pages_and_what_it_says_the_operators() -> None:
    EmergencyText.objects.filter(pk="diagnosis").update(text="改過的文字", tabs=["dental"])
    load()
    diagnosis = EmergencyText.objects.get(pk="diagnosis")
    assert diagnosis.text == "改過的文字"
    assert "cloud_medication" in diagnosis.tabs
    assert "dental" not in diagnosis.tabs


def test_the_names_that_manual_3_prints_stand_on_the_pages(
    room: EmergencyRoom, load: Callable[[str], None]
) -> None:
    """Its title (四), and the seven filters of 雲端藥歷 in their order (四(四))."""
    start = room.browser.get(reverse("start_emergency_query")).content.decode()
    assert re.search(r"<h1>因應天災及緊急醫療查詢作業－", start)
    load(TSENG)
    room.open_tabs(TSENG)
    labels = [str(field.label) for field in room.tab("cloud_medication").context["form"]]
    assert labels == [
        *("ATC3名稱", "ATC5名稱", "成分名稱", "就醫區間（起）", "就醫區間（迄）"),
        *("餘藥（僅顯示有餘藥者）", "藥品名稱", "來源"),
    ]
