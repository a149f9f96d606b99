"""Charts as SVG from the server: bars, stacked bars and lines, with the table of their figures.

Our own few lines of geometry and one template (partials/chart.html), because the kept libraries
bring inline styles or scripts that the Content-Security-Policy refuses, or would have to be a
picture that no screen reader enters (reference/ui.md, 2.7). Nothing here is coloured by style:
presentation attributes only.

A series is told apart by colour, by pattern or dashes, and by its name in the key; each colour has
at least 3:1 to white (WCAG 1.4.11). What a chart shows stands in a table below it (WCAG 1.1.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import ceil, floor, log10
from typing import Any, NamedTuple

Number = int | float
Point = tuple[float, float]


class Kind(Enum):
    BARS = "bars"
    STACKED = "stacked"
    LINES = "lines"


class Look(NamedTuple):
    """How a series is told apart."""

    color: str
    pattern: str  # drawn in white over the colour: a path in a square of 8, or "" for plain
    dashes: str
    marker: str  # a path around 0,0


LOOKS = (
    Look("#0b4f8f", "", "", "M-4-4H4V4H-4Z"),
    Look("#a84300", "M-2 2 2-2M0 8 8 0M6 10 10 6", "7 4", "M0-5 5 4H-5Z"),
    Look("#3d6b21", "M0 4H8", "2 4", "M0-5 5 0 0 5-5 0Z"),
    Look("#6f2c91", "M-2 6 2 10M0 0 8 8M6-2 10 2", "10 4 2 4", "M-4-4 4 4M4-4-4 4"),
    Look("#5c6770", "M4 0V8", "1 3", "M-5 0H5M0-5V5"),
)

# Sizes in units of the view box; the letters of the page are 16 of them.
WIDTH, HEIGHT = 760, 300
TOP, RIGHT, BOTTOM, LEFT = 14, 14, 34, 62
BAR_ROW, ROW_LEFT, ROW_BOTTOM = 30, 150, 34
THICKEST = 56  # bar
MOST_MARKERS = 40  # on a line; more would hide it
LETTER = 12  # of one label in the chart, about


@dataclass(frozen=True)
class Series:
    """One row of figures, one for each category; None where there is none."""

    label: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Chart:
    """What is to be drawn.

    `name` is the chart's own on its page: letters, digits and underscores; the table's
    `data-table`. `heading` stands above the categories in the table. `unit` follows a figure
    (`%`). `lying` bars suit categories with long names and many of them. `ceiling` fixes the top of
    the axis (100 for shares).
    """

    name: str
    title: str
    description: str
    heading: str
    categories: Sequence[str]
    series: Sequence[Series]
    kind: Kind = Kind.BARS
    unit: str = ""
    lying: bool = False
    ceiling: Number | None = None

    @property
    def is_empty(self) -> bool:
        return not any(value for each in self.series for value in each.values)

    @property
    def columns(self) -> list[str]:
        return [self.heading, *(each.label for each in self.series)]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The figures as the table and a CSV file hold them."""
        return list(zip(self.categories, *(each.values for each in self.series), strict=True))


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str
    tip: str


class Label(NamedTuple):
    x: float
    y: float
    text: str
    anchor: str


class Line(NamedTuple):
    """A series as a line: its gaps part it into several."""

    look: Look
    paths: list[str]
    points: list[tuple[float, float, str]]


class Key(NamedTuple):
    label: str
    look: Look
    fill: str


@dataclass
class Drawing:
    """A chart in coordinates; the template only writes them down."""

    chart: Chart
    width: int
    height: int
    keys: list[Key]
    grid: list[tuple[float, float, float, float]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    rects: list[Rect] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def draw(chart: Chart) -> Drawing:
    """The coordinates of a chart."""
    fills = [_fill(chart, place) for place in range(len(chart.series))]
    keys = [Key(each.label, _look(place), fills[place]) for place, each in enumerate(chart.series)]
    frame = _Frame.around(chart)
    drawing = Drawing(chart, WIDTH, frame.height, keys)
    frame.draw_axes(drawing)
    if chart.kind is Kind.LINES:
        drawing.lines = [
            _line(frame, chart, each, _look(place)) for place, each in enumerate(chart.series)
        ]
    else:
        drawing.rects = _bars(frame, chart, fills)
    return drawing


def _look(place: int) -> Look:
    return LOOKS[place % len(LOOKS)]


def _fill(chart: Chart, place: int) -> str:
    look = _look(place)
    return f"url(#{chart.name}-{place})" if look.pattern else look.color


def ticks(top: Number) -> list[float]:
    """Four to six round figures from 0 to at least `top`."""
    if top <= 0:
        return [0, 1]
    size = 10 ** floor(log10(top / 5))
    # Halves of 5 only where they are whole: a chart of people has no 2.5.
    steps = (1, 2, 5, 10) if size < 10 else (1, 2, 2.5, 5, 10)
    step = next(size * times for times in steps if top / (size * times) <= 5)
    if top >= 1:
        step = max(step, 1)
    return [step * place for place in range(ceil(top / step) + 1)]


@dataclass
class _Frame:
    """Where the axes lie: `across` the categories, `along` the values."""

    chart: Chart
    steps: list[float]
    height: int
    left: float
    bottom: float

    @classmethod
    def around(cls, chart: Chart) -> "_Frame":
        steps = ticks(chart.ceiling or _top(chart))
        if not chart.lying:
            return cls(chart, steps, HEIGHT, LEFT, HEIGHT - BOTTOM)
        bottom = TOP + max(len(chart.categories), 1) * BAR_ROW
        return cls(chart, steps, bottom + ROW_BOTTOM, ROW_LEFT, bottom)

    @property
    def room(self) -> float:
        """For one category."""
        whole = self.bottom - TOP if self.chart.lying else WIDTH - RIGHT - self.left
        return whole / max(len(self.chart.categories), 1)

    def begin(self, place: int) -> float:
        """Where a category begins."""
        return (TOP if self.chart.lying else self.left) + place * self.room

    def along(self, value: Number) -> float:
        share = value / self.steps[-1]
        if self.chart.lying:
            return self.left + share * (WIDTH - RIGHT - self.left)
        return self.bottom - share * (self.bottom - TOP)

    def draw_axes(self, drawing: Drawing) -> None:
        for step in self.steps:
            at, text = self.along(step), f"{step:g}{self.chart.unit}"
            if self.chart.lying:
                drawing.grid.append((at, TOP, at, self.bottom))
                drawing.labels.append(Label(at, self.bottom + 22, text, "middle"))
            else:
                drawing.grid.append((self.left, at, WIDTH - RIGHT, at))
                drawing.labels.append(Label(self.left - 8, at + 5, text, "end"))
        for place in range(0, len(self.chart.categories), self._every()):
            middle, text = self.begin(place) + self.room / 2, self.chart.categories[place]
            if self.chart.lying:
                drawing.labels.append(Label(self.left - 8, middle + 5, text, "end"))
            elif middle + _width(text) / 2 <= WIDTH:  # else it would be cut off
                drawing.labels.append(Label(middle, self.bottom + 22, text, "middle"))

    def _every(self) -> int:
        """Each how many-th category has its name below it without touching the next."""
        if self.chart.lying:
            return 1
        widest = max((_width(each) for each in self.chart.categories), default=0)
        return max(1, ceil(widest / self.room))


def _top(chart: Chart) -> Number:
    if chart.kind is Kind.STACKED:
        sums = (sum(value or 0 for value in row[1:]) for row in chart.rows)
        return max(sums, default=0)
    return max((value or 0 for each in chart.series for value in each.values), default=0)


def _width(text: str) -> float:
    """About; a Chinese character is as wide as it is high."""
    return sum(LETTER if ord(each) > 0x2E80 else LETTER * 0.62 for each in text) + LETTER


def _bars(frame: _Frame, chart: Chart, fills: Sequence[str]) -> list[Rect]:
    stacked = chart.kind is Kind.STACKED
    beside = 1 if stacked else max(len(chart.series), 1)
    thick = min(frame.room * 0.8 / beside, THICKEST)
    gap = frame.room - thick * beside
    rects = []
    for place, category in enumerate(chart.categories):
        base: Number = 0
        for number, each in enumerate(chart.series):
            value = each.values[place]
            if not value:
                continue
            start = frame.begin(place) + gap / 2 + (0 if stacked else number * thick)
            tip = f"{category} · {each.label} {value}{chart.unit}"
            ends = frame.along(base), frame.along(base + value)
            rects.append(_rect(chart, start, thick, ends, fills[number], _look(number), tip))
            base = base + value if stacked else 0
    return rects


def _rect(
    chart: Chart, start: float, thick: float, ends: Point, fill: str, look: Look, tip: str
) -> Rect:
    low, length = min(ends), abs(ends[1] - ends[0])
    left, top, wide, high = (
        (low, start, length, thick) if chart.lying else (start, low, thick, length)
    )
    return Rect(
        round(left, 1), round(top, 1), round(wide, 1), round(high, 1), fill, look.color, tip
    )


def _line(frame: _Frame, chart: Chart, series: Series, look: Look) -> Line:
    points: list[tuple[float, float, str]] = []
    paths: list[str] = []
    broken = True
    for place, value in enumerate(series.values):
        if value is None:
            broken = True
            continue
        x = round(frame.begin(place) + frame.room / 2, 1)
        y = round(frame.along(value), 1)
        tip = f"{chart.categories[place]} · {series.label} {value}{chart.unit}"
        if len(series.values) <= MOST_MARKERS:
            points.append((x, y, tip))
        if broken:
            paths.append(f"M{x} {y}")
        else:
            paths[-1] += f"L{x} {y}"
        broken = False
    return Line(look, paths, points)
