"""The eleven tabs: rows, filters, sorting, failures, switches, statements, print, and a twelfth."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from apps.access.models import Service
from apps.core import clock
from apps.emergency import registry
from apps.emergency.models import TabSwitch
from apps.emergency.registry import EmergencyTab, all_tabs, find_emergency_tab
from apps.queries.providers import LocalTable, SourceFailed
from apps.queries.tables import Column
from apps.records.models import Medication
from tests.emergency.conftest import CHOU, HSIEH, TSENG
from tests.support.cards import refusal_code
from tests.support.counting import RoundTrips
from tests.support.emergency import EmergencyRoom
from tests.support.events import Events

pytestmark = pytest.mark.django_db
Load = Callable[[str], None]
NAMES = [
    "雲端藥歷",
    "特定管制藥品用藥資訊",
    "檢查檢驗紀錄",
    "檢查檢驗結果",
    "手術明細紀錄",
    "牙科處置及手術",
    "過敏藥",
    "特定凝血因子用藥",
    "出院病歷摘要",
    "復健醫療",
    "中醫用藥",
]


@pytest.fixture
def open_room(room: EmergencyRoom, load: Load) -> EmergencyRoom:
    """曾文雄's tabs are open."""
    load(TSENG)
    room.open_tabs(TSENG)
    return room


def test_the_tabs_are_those_of_the_manual_in_its_order(db: None) -> None:
    assert [str(tab.label) for tab in all_tabs()] == NAMES


@pytest.mark.parametrize("number", [CHOU, TSENG])
def test_every_tab_of_the_demos_patients_has_rows(
    room: EmergencyRoom, load: Load, events: Events, number: str
) -> None:
    load(number)
    room.open_tabs(number)
    for tab in all_tabs():
        page = room.tab(tab.name)
        assert page.status_code == 200
        assert len(page.context["rows"]) >= 1, tab.name
        last = events()[-1]
        assert (last["detail"]["tab"], last["patient"]) == (
            tab.name,
            page.context["query"].patient_id,
        )
        assert last["result_count"] == len(page.context["answer"].rows)


def test_a_tab_takes_five_round_trips(open_room: EmergencyRoom, round_trips: RoundTrips) -> None:
    """Session, decision, query, records, event; the limit is six. The test's own transaction puts
    a savepoint around the event, which production does not need.
    """
    for tab in all_tabs():
        with round_trips(at_most=5 + 2):
            open_room.tab(tab.name)


def test_nothing_found_is_said_only_when_the_source_answered(
    room: EmergencyRoom, monkeypatch: pytest.MonkeyPatch, events: Events
) -> None:
    room.open_tabs()
    tab = find_emergency_tab("allergies")
    answered = room.tab("allergies")
    page = answered.content.decode()
    assert "data-nothing" in page
    assert "查無" not in page.replace(answered.context["empty"], "")

    def fail(question: object) -> list[object]:
        raise SourceFailed("timeout")

    failing = replace(tab, source=lambda: LocalTable("過敏藥來源", fail))
    monkeypatch.setitem(registry._TABS, "allergies", failing)
    answer = room.tab("allergies")
    page = answer.content.decode()
    assert refusal_code(answer) == "QRY-SOURCE"
    assert "data-nothing" not in page
    assert "過敏藥來源" in page
    assert (events()[-1]["outcome"], events()[-1]["reason"]) == ("failed", "timeout")
    glance = room.browser.get(room.path("show_first_glance"))
    assert 'data-code="QRY-SOURCE"' in glance.content.decode()
    assert events()[-1]["detail"]["outcome"] == "partial"


def test_a_twelfth_tab_is_one_module(open_room: EmergencyRoom, events: Events) -> None:
    rows = [SimpleNamespace(title="妊娠 32 週", visited_on=clock.today())]
    tab = registry.register(
        EmergencyTab(
            name="maternity",
            label="孕產紀錄",
            position=12,
            months=12,
            order="最近者在前",
            columns=(Column(name="title", label="摘要"), Column(name="visited_on", label="日期")),
            source=lambda: LocalTable("孕產", lambda question: rows),
            empty="查無孕產紀錄",
        )
    )
    try:
        page = open_room.tab("maternity").content.decode()
    finally:
        registry.unregister(tab)
    assert "孕產紀錄" in page
    assert "妊娠 32 週" in page
    assert events()[-1]["detail"]["tab"] == "maternity"
    assert open_room.tab("maternity").status_code == 404


class TestMedication:
    def rows(self, room: EmergencyRoom, **chosen: object) -> list[Medication]:
        page = room.tab("cloud_medication", **chosen)
        assert page.status_code == 200, page.context["form"].errors
        return [row.record for row in page.context["rows"]]

    @pytest.mark.parametrize(
        ("chosen", "fits"),
        [
            ({"atc3": "HIGH-CEILING DIURETICS"}, lambda row: row.atc_code == "C03CA01"),
            ({"atc5": "warfarin"}, lambda row: row.atc_code == "B01AA03"),
            ({"ingredient": "furosemide"}, lambda row: row.ingredient == "furosemide"),
            ({"name": "lasix"}, lambda row: row.name == "LASIX TABLETS"),
            ({"source": "PHARMACY"}, lambda row: row.institution_code.startswith("59")),
            (
                {"source": ["PHARMACY", "OTHER"], "atc5": "furosemide"},
                lambda row: row.atc_code == "C03CA01",
            ),
        ],
    )
    def test_filters_keep_what_fits_and_nothing_else(
        self,
        open_room: EmergencyRoom,
        chosen: dict[str, object],
        fits: Callable[[Medication], bool],
    ) -> None:
        everything = self.rows(open_room)
        kept = self.rows(open_room, **chosen)
        assert kept
        assert len(kept) < len(everything)
        assert {row.pk for row in kept} == {row.pk for row in everything if fits(row)}

    def test_own_institution_days_left_and_dates(self, open_room: EmergencyRoom) -> None:
        Medication.objects.filter(code="BC24119100").update(
            institution_code=open_room.institution.code
        )
        assert [row.code for row in self.rows(open_room, source="OWN")] == ["BC24119100"]
        page = open_room.tab("cloud_medication", left="on")
        assert {row.days_left > 0 for row in page.context["rows"]} == {True}
        assert len(page.context["rows"]) < len(page.context["answer"].rows)
        since = clock.today().replace(day=1).isoformat()
        days = {row.supplied_on.isoformat() for row in self.rows(open_room, since=since)}
        assert all(day >= since for day in days)

    @pytest.mark.parametrize(
        "chosen",
        [
            {"since": "2026-02-30"},
            {"since": "２０２６"},
            {"since": "2026-11-02", "until": "2026-11-01"},
            {"atc5": "<script>"},
            {"atc3": "' OR 1=1 --"},
            {"source": "MOON"},
            {"name": "x" * 61},
        ],
    )
    def test_a_wrong_filter_says_so_and_loses_nothing(
        self, open_room: EmergencyRoom, chosen: dict[str, str]
    ) -> None:
        page = open_room.tab("cloud_medication", **chosen)
        assert page.status_code == 400
        assert page.context["form"].errors
        assert len(page.context["rows"]) == len(page.context["answer"].rows)
        assert "<script>'" not in page.content.decode()

    def test_headings_sort_both_ways_and_keep_the_filters(self, open_room: EmergencyRoom) -> None:
        up = self.rows(open_room, sort="name", source="PHARMACY")
        down = self.rows(open_room, sort="-name", source="PHARMACY")
        names = [row.name for row in up]
        assert names == sorted(names)
        assert [row.name for row in down] == names[::-1]
        page = open_room.tab("cloud_medication", sort="name", source="PHARMACY")
        (heading,) = [each for each in page.context["headings"] if each.name == "name"]
        assert (heading.state, heading.link) == ("ascending", "?source=PHARMACY&sort=-name")
        assert self.rows(open_room, sort="; DROP TABLE") == self.rows(open_room)

    def test_duplicates_are_marked_in_words(self, open_room: EmergencyRoom) -> None:
        page = open_room.tab("cloud_medication")
        marked = {row.record.code for row in page.context["rows"] if row.marks}
        assert marked == {"A000199100", "AC44120100"}  # two institutions' furosemide
        assert "重複用藥" in page.content.decode()

    @pytest.mark.parametrize(
        ("number", "code", "words"),
        [(HSIEH, "BC22345100", "對此藥品過敏"), (CHOU, "AC33421100", "同類藥品過敏")],
    )
    def test_conflicts_with_the_allergy_tab_are_marked_in_words(
        self, room: EmergencyRoom, load: Load, number: str, code: str, words: str
    ) -> None:
        load(number)
        room.open_tabs(number)
        if number == HSIEH:
            path = room.path("give_emergency_consent")
            room.browser.post(path, {"consent": "obtained", "reference": "錄音 1"})
        page = room.tab("cloud_medication")
        (row,) = [each for each in page.context["rows"] if each.record.code == code]
        assert [str(mark.label) for mark in row.marks] == [words]

    def test_uploads_with_the_card_are_their_own_source(self, open_room: EmergencyRoom) -> None:
        assert "健保卡上傳資料" in open_room.tab("cloud_medication").content.decode()


class TestChronic:
    def test_valid_prescriptions_by_the_manuals_sixteen_columns(
        self, open_room: EmergencyRoom, events: Events
    ) -> None:
        page = open_room.browser.get(open_room.path("show_chronic", "valid"))
        text = page.content.decode()
        wanted = "選項 資料來源 就醫序號 來源 醫事人員姓名 就醫科別 主診斷 藥品健保代碼 藥品名稱 給藥日數"
        wanted += (
            " 藥品用量 用法用量 連續處方可調劑次數 處方總處方月份 就醫日期 慢性病連續處方箋領藥日"
        )
        places = [text.index(f">{name}</th>") for name in wanted.split()]
        assert len(places) == 16
        assert places == sorted(places)
        lines = [line for line, _ in page.context["lines"]]
        assert {line.record.refill for line in lines} == {3}
        assert [line.number for line in lines] == [1, 0, 0, 0]
        assert events()[-1]["detail"]["tab"] == "chronic_valid"

    def test_an_expired_prescription_is_in_the_other_sub_tab(
        self, open_room: EmergencyRoom
    ) -> None:
        page = open_room.browser.get(open_room.path("show_chronic", "expired"))
        lines = [line for line, _ in page.context["lines"]]
        assert [line.record.code for line in lines] == ["BC23456100"]
        assert "已逾期" in page.content.decode()

    def test_the_days_that_should_be_left_of_one_prescription(
        self, open_room: EmergencyRoom
    ) -> None:
        path = open_room.path("show_chronic", "valid")
        found = open_room.browser.get(path, {"prescription": "1"}).context["remaining"]
        days = {each.substance.split()[0]: each.days for each in found}
        # 3 times 28 days, of which 72 are gone; of furosemide a week more from the clinic
        assert days == {"B01AA03": 12, "C07AB07": 12, "C03CA01": 19, "C10AA05": 12}
        for wrong in ("0", "2", "x", "１", "-1"):
            page = open_room.browser.get(path, {"prescription": wrong})
            assert (page.status_code, "remaining" in page.context) == (200, False)

    def test_the_explanation_asks_no_source(self, open_room: EmergencyRoom, events: Events) -> None:
        before = len(events())
        page = open_room.browser.get(open_room.path("show_chronic", "explanation"))
        assert "資料說明" in page.content.decode()
        assert len(events()) == before

    def test_there_is_no_fourth(self, open_room: EmergencyRoom) -> None:
        assert open_room.browser.get(open_room.path("show_chronic", "all")).status_code == 404


class TestGlance:
    def test_what_matters_first_stands_above_the_tabs(
        self, open_room: EmergencyRoom, events: Events
    ) -> None:
        page = open_room.browser.get(open_room.path("show_first_glance"))
        lines = {line.part.tab: dict(line.items) for line in page.context["lines"]}
        assert set(lines["allergies"]) == {
            "iohexol（重度、蕁麻疹、血壓下降）",
            "phenytoin（中度、皮疹、發燒）",
        }
        assert "zolpidem（第四級）" in lines["controlled_drugs"]
        assert lines["cloud_medication"]["furosemide"] == "重複用藥"
        assert lines["cloud_medication"]["warfarin"] == ""
        assert events()[-1]["detail"]["tab"] == "first_glance"

    def test_it_is_a_part_for_htmx_and_a_page_for_others(self, open_room: EmergencyRoom) -> None:
        path = open_room.path("show_first_glance")
        assert "<html" in open_room.browser.get(path).content.decode()
        part = open_room.browser.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert "iohexol" in part


class TestSwitches:
    @pytest.fixture
    def pharmacist(self, db: None, load: Load) -> Iterator[EmergencyRoom]:
        room = EmergencyRoom(profession="D")
        load(TSENG)
        room.open_tabs(TSENG)
        return room

    def test_a_pharmacist_does_not_see_what_is_for_physicians(
        self, pharmacist: EmergencyRoom
    ) -> None:
        page = pharmacist.tab("cloud_medication")
        names = {tab.name for tab in page.context["tabs"]}
        assert names == {tab.name for tab in all_tabs()} - {"dental", "discharges"}
        refused = pharmacist.tab("discharges")
        assert (refused.status_code, refusal_code(refused)) == (403, "IMQ-TAB")

    def test_a_switch_counts_at_the_next_click(self, pharmacist: EmergencyRoom) -> None:
        TabSwitch.objects.filter(pk="discharges").update(professions=["A", "D"])
        assert pharmacist.tab("discharges").status_code == 200
        TabSwitch.objects.filter(pk="allergies").update(enabled=False)
        assert refusal_code(pharmacist.tab("allergies")) == "IMQ-TAB"
        glance = pharmacist.browser.get(pharmacist.path("show_first_glance"))
        assert "allergies" not in {line.part.tab for line in glance.context["lines"]}

    def test_pharmacists_are_switched_off_as_a_whole(self, pharmacist: EmergencyRoom) -> None:
        Service.objects.filter(pk="IMQ").update(professions=["A"])
        refused = pharmacist.tab("cloud_medication")
        assert (refused.status_code, refusal_code(refused)) == (403, "ACC-403")


def test_a_printout_names_who_printed_and_is_an_event_of_its_own(
    open_room: EmergencyRoom, events: Events
) -> None:
    path = open_room.path("print_emergency_tab", "cloud_medication")
    page = open_room.browser.get(path, {"atc5": "warfarin"})
    assert "林志明" in page.content.decode()
    assert {row.record.ingredient for row in page.context["rows"]} == {"warfarin"}
    assert events()[-1]["action"] == "print_records"


def test_htmx_gets_the_records_alone_and_back_the_whole_page(open_room: EmergencyRoom) -> None:
    path = open_room.path("show_emergency_tab", "surgeries")
    part = open_room.browser.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="records"' in part
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in open_room.browser.get(path, headers=back).content.decode()


@pytest.mark.parametrize("tab", [tab.name for tab in all_tabs()])
def test_a_tab_says_how_far_it_reaches_and_how_it_is_sorted(tab: str) -> None:
    found = find_emergency_tab(tab)
    assert found.order
    assert found.columns
    assert found.months in (None, 6, 12, 24)
