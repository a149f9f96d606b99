"""Charts: what is drawn is what the figures say, for every eye and under the strict CSP."""

import re
from itertools import pairwise

import pytest
from django.template import Context, Template

from apps.core.charts import LOOKS, Chart, Kind, Series, draw, ticks

SERIES = [Series("到診", [3, 0, 12]), Series("未到", [1, 2, None])]


def chart(**changes) -> Chart:
    values = {
        "name": "doses",
        "title": "每日接種",
        "description": "三天",
        "heading": "日期",
        "categories": ["11/22", "11/23", "11/24"],
        "series": SERIES,
    }
    return Chart(**values | changes)


def page(drawn: Chart, **options) -> str:
    tag = " ".join(f"{name}={name}" for name in options)
    template = Template("{% load ankang %}{% chart drawn " + tag + " %}")
    return template.render(Context({"drawn": drawn, **options}))


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("look", LOOKS)
def test_every_colour_has_three_to_one_on_white(look) -> None:
    assert 1.05 / (luminance(look.color) + 0.05) >= 3


def test_no_two_series_differ_by_colour_alone() -> None:
    for part in ("pattern", "dashes", "marker"):
        assert len({getattr(look, part) for look in LOOKS}) == len(LOOKS)


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (12, [0, 5, 10, 15]),
        (100, [0, 20, 40, 60, 80, 100]),
        (1234, [0, 250, 500, 750, 1000, 1250]),
    ],
)
def test_the_axis_has_round_figures(top, expected) -> None:
    assert ticks(top) == expected


@pytest.mark.parametrize("top", [0.3, 1, 2, 7, 9, 13, 99, 101, 4_999, 1_000_001])
def test_the_axis_holds_every_value_in_few_even_steps(top) -> None:
    steps = ticks(top)
    assert steps[0] == 0
    assert steps[-1] >= top
    assert 2 <= len(steps) <= 7
    assert len({round(b - a, 9) for a, b in pairwise(steps)}) == 1


@pytest.mark.parametrize("lying", [False, True])
def test_a_bar_is_as_long_as_its_value(lying) -> None:
    drawing = draw(chart(lying=lying))
    lengths = [each.width if lying else each.height for each in drawing.rects]
    assert len(lengths) == 4  # no bar for nothing
    assert [round(each / lengths[0], 1) for each in lengths] == [1, 0.3, 0.7, 4]


@pytest.mark.parametrize("lying", [False, True])
def test_stacked_bars_stand_on_each_other(lying) -> None:
    first, second = draw(chart(kind=Kind.STACKED, lying=lying)).rects[:2]
    if lying:
        assert second.x == pytest.approx(first.x + first.width, abs=0.11)
    else:
        assert second.y + second.height == pytest.approx(first.y, abs=0.11)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("lying", [False, True])
def test_everything_lies_inside_the_picture(kind, lying) -> None:
    many = chart(
        kind=kind,
        lying=lying and kind is not Kind.LINES,
        categories=[f"臺北市第{n}區" for n in range(60)],
        series=[Series("滿額率", [n % 100 for n in range(60)])],
        ceiling=100,
    )
    drawing = draw(many)
    for rect in drawing.rects:
        assert rect.x >= 0
        assert rect.y >= 0
        assert rect.x + rect.width <= drawing.width
        assert rect.y + rect.height <= drawing.height
    for line in drawing.lines:
        assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y, _ in line.points)


def test_labels_below_the_axis_do_not_touch() -> None:
    hours = [f"11/24 {hour:02d}:00" for hour in range(48)]
    drawing = draw(chart(categories=hours, series=[Series("預約", list(range(48)))]))
    shown = [label for label in drawing.labels if label.text in hours]
    assert shown
    assert all(b.x - a.x > 7 * len(a.text) for a, b in pairwise(shown))


def test_a_long_line_has_no_markers_and_no_label_is_cut_off() -> None:
    hours = [f"11/24 {hour % 24:02d}:00" for hour in range(72)]
    drawing = draw(
        chart(kind=Kind.LINES, categories=hours, series=[Series("預約", list(range(72)))])
    )
    assert drawing.lines[0].points == []
    assert drawing.lines[0].paths[0].count("L") == 71
    shown = [label for label in drawing.labels if label.text in hours]
    assert max(label.x + 4 * len(label.text) for label in shown) <= drawing.width


def test_a_gap_parts_a_line() -> None:
    line = draw(chart(kind=Kind.LINES, series=[Series("人", [1, None, 2])])).lines[0]
    assert [path.count("M") for path in line.paths] == [1, 1]
    assert len(line.points) == 2


def test_the_picture_is_named_and_described_and_its_figures_stand_beside_it() -> None:
    text = page(chart(unit="%"))
    assert '<title id="doses-title">每日接種</title>' in text
    assert 'aria-labelledby="doses-title doses-desc"' in text
    assert 'data-table="doses"' in text
    table = text.split("<table")[1]
    cells = [c.strip() for c in re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", table)]
    assert cells[:3] == ["日期", "到診", "未到"]
    assert cells[3:6] == ["11/22", "3%", "1%"]
    assert cells[-1] == "—"


def test_nothing_that_the_policy_refuses() -> None:
    text = page(chart(kind=Kind.STACKED), export_url="/x.csv")
    assert not re.search(r"\sstyle=|<style|<script|\son[a-z]+=", text)
    assert 'href="/x.csv"' in text


def test_names_are_escaped() -> None:
    text = page(chart(categories=["<b>", "&", '"'], title="<script>"))
    assert "<script" not in text
    assert "<b>" not in text


def test_a_chart_without_figures_says_so() -> None:
    empty = chart(series=[Series("到診", [0, 0, None])])
    assert empty.is_empty
    assert "<rect" not in page(empty)
    assert 'class="chart-picture"' not in page(empty)
