"""How dates and form errors are written on pages.

What a template shows of a person is masked before it gets here.
"""

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import pgettext

from apps.core.charts import Chart, draw
from apps.core.roc import format_roc

register = template.Library()


def _day(value: date) -> date:
    """The day in Taiwan, also of a moment stored in UTC."""
    return timezone.localdate(value) if isinstance(value, datetime) else value


@register.filter
def roc_date(value: date | None) -> str:
    """`115/11/24`: query pages and tables (manual 3). Nothing for no date."""
    return format_roc(_day(value)) if value else ""


@register.filter
def ad_date(value: date | None) -> str:
    """`2021/07/02`: booking (manual 1, 登錄預約)."""
    return f"{_day(value):%Y/%m/%d}" if value else ""


@register.filter
def ad_moment(value: datetime | None) -> str:
    """`2021/06/25 13:06:23` in Taiwan's time: 預約完成時間 of manual 1."""
    return f"{timezone.localtime(value):%Y/%m/%d %H:%M:%S}" if value else ""


@register.filter
def weekday(value: date | None) -> str:
    """One character in Chinese, three letters in English, for the brackets behind a date."""
    if not value:
        return ""
    names = (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )
    return names[_day(value).weekday()]


@register.filter
def first_control(field: BoundField) -> str:
    """The HTML id that an error summary links to: the field itself, or the first choice of a group."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def clock_times(span: Any) -> str:
    """`10:00~11:00` in Taiwan's time, of anything with `begins_at` and `ends_at` (manual 1: 日期/時段)."""
    begins, ends = timezone.localtime(span.begins_at), timezone.localtime(span.ends_at)
    return f"{begins:%H:%M}~{ends:%H:%M}"


@register.simple_tag(takes_context=True)
def present(context: dict[str, Any], url_name: str) -> str:
    """Marks the entry of a menu that this page is, or lies below (ARIA 1.2: aria-current)."""
    page = context["page"]
    if page.entry != url_name:
        return ""
    return format_html(' aria-current="{}"', "page" if page.name == url_name else "true")


@register.inclusion_tag("partials/chart.html")
def chart(chart: Chart, *, table: bool = True, export_url: str = "") -> dict[str, Any]:
    """A chart with its figures below it, and where to save them.

    A page that shows the same figures in a fuller table of its own says `table=False`.
    """
    return {
        "chart": chart,
        "drawing": draw(chart),
        "with_table": table,
        "export_url": export_url,
    }
