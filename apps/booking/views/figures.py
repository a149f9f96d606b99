"""The operators' dashboard of a campaign, and its tables as files (C13)."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.guards import Holds, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import SessionRole
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.booking import figure_tables
from apps.booking.figure_forms import FiguresForm
from apps.booking.figures import Period, Report, report_on
from apps.core.errors import Invalid, NotFound
from apps.core.exports import stream_csv

SITES_ON_A_PAGE = 50


@guard(Holds(SessionRole.OPERATOR), Action.SHOW_FIGURES)
@require_GET
def show_figures(request: GuardedRequest) -> HttpResponse:
    """Numbers only; nobody is named."""
    form = FiguresForm(request.GET)
    if not form.is_valid():
        status = 400 if form["campaign"].data else 200  # no campaign yet is nobody's mistake
        return render(request, "booking/show_figures.html", {"form": form}, status=status)
    period = form.period()
    report = report_on(period)
    _record(request, Action.SHOW_FIGURES, period, count=len(report.sites))
    return render(request, "booking/show_figures.html", _context(request, form, period, report))


def _context(
    request: GuardedRequest, form: FiguresForm, period: Period, report: Report
) -> dict[str, object]:
    sites = figure_tables.sites_table(report)
    query = urlencode({name: form.data[name] for name in form.fields})
    return {
        "form": form,
        "total": report.total,
        "bookings_chart": figure_tables.bookings_chart(report, period),
        "places_chart": figure_tables.places_chart(report, period),
        "days_chart": figure_tables.days_chart(report),
        "tables": [figure_tables.days_table(report), figure_tables.districts_table(report)],
        "bookings": figure_tables.bookings_table(report),
        "sites": sites,
        "sites_page": Paginator(sites.rows, SITES_ON_A_PAGE).get_page(request.GET.get("page")),
        "query": query,
    }


@guard(Holds(SessionRole.OPERATOR), Action.EXPORT_FIGURES)
@require_GET
def export_figures(request: GuardedRequest, table: str) -> StreamingHttpResponse:
    """All rows of one table, also those that the page shows on further pages."""
    if table not in figure_tables.TABLES:
        raise NotFound(reason="no_such_table")
    form = FiguresForm(request.GET)
    if not form.is_valid():
        raise Invalid(detail={"fields": form.errors.get_json_data()}, reason="figures_filter")
    period = form.period()
    made = figure_tables.TABLES[table](report_on(period))
    _record(request, Action.EXPORT_FIGURES, period, count=len(made.rows), format=f"csv {table}")
    name = f"{made.name}-{period.first_day:%Y%m%d}-{period.last_day:%Y%m%d}"
    return stream_csv(name, made.columns, made.rows)


def _record(
    request: GuardedRequest, action: Action, period: Period, *, count: int, **detail: str
) -> None:
    query = f"{period.first_day}..{period.last_day} {period.city}".strip()
    about = {"campaign": str(period.campaign), "query": query, **detail}
    record(event(action, by=request.actor, result_count=count, detail=about))
