"""The words of the emergency query are data: where they come from, and that two operators change them."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from apps.emergency.models import EmergencyText
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
