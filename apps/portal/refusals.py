"""The one page that says no: what was not done, why, what the person can do, and a way on.

`refusal_page` renders a Refusal (settings.REFUSAL_PAGE); the handlers serve Django's own errors in
the same shape. Programs get JSON (DESIGN 7).
"""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.http import PersonRequest
from apps.accounts.middleware import know_person
from apps.core.errors import Invalid, NotFound, Refusal
from apps.portal.context_processors import BarePage, Page

MACHINE_PATHS = ("/agent/", "/his/", "/fhir/", "/api/")

HEADINGS: dict[int, Promise] = {
    400: _("The request could not be understood"),
    401: _("Please log in"),
    403: _("You cannot use this function"),
    404: _("Page not found"),
    405: _("This page cannot be opened this way"),
    409: _("This was not done"),
    410: _("No longer available"),
    422: _("This was not done"),
    429: _("Too many requests"),
    500: _("Something went wrong"),
    503: _("The service is not available for a moment"),
}


class Forbidden(Refusal):
    """Django's own 403. Not core's Denied, whose advice speaks of a grant."""

    status = 403
    code = "ANK-403"
    message = _("You are not allowed to do this.")


class FormExpired(Refusal):
    """The form's secret does not fit: an old page, a page from before a login, or a foreign page."""

    status = 403
    code = "ANK-CSRF"
    message = _("This page was opened too long ago or before you logged in. Nothing was changed.")
    way_on = _("Please open the page again and repeat your entry.")


class Fault(Refusal):
    status = 500
    code = "ANK-500"
    message = _("An error occurred in the system. It was recorded and is being looked into.")
    way_on = _("Please try again in a few minutes. If it happens again, call the help desk.")


def refusal_page(request: PersonRequest, refusal: Refusal) -> HttpResponse:
    """The answer for a refusal: JSON for programs, a page for people, with the refusal's status."""
    if _asks_for_json(request):
        response: HttpResponse = JsonResponse(refusal.as_json(), status=refusal.status)
    else:
        if not hasattr(request, "actor") and hasattr(request, "session") and refusal.status < 500:
            know_person(request)  # it came to no view
        frame = Page(request) if refusal.status < 500 else BarePage(request)
        context = {
            "refusal": refusal,
            "heading": HEADINGS.get(refusal.status, HEADINGS[409]),
            "page": frame,
        }
        response = render(request, "refusal.html", context, status=refusal.status)
    if seconds := refusal.detail.get("retry_after"):
        response["Retry-After"] = str(seconds)
    return response


def _asks_for_json(request: PersonRequest) -> bool:
    return request.path.startswith(MACHINE_PATHS) or not request.accepts("text/html")


def handler400(request: PersonRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal_page(request, Invalid())


def handler403(request: PersonRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal_page(request, Forbidden())


def handler404(request: PersonRequest, exception: Exception | None = None) -> HttpResponse:
    return refusal_page(request, NotFound(way_on=_("Please check the address, or go back home.")))


def handler500(request: PersonRequest) -> HttpResponse:
    return refusal_page(request, Fault())


def csrf_failure(request: PersonRequest, reason: str = "") -> HttpResponse:
    return refusal_page(request, FormExpired(reason=reason))
