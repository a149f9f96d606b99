"""The public home, a person's own home, the site map and the language switch."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.access.guards import Open, SignedIn, guard
from apps.access.http import GuardedRequest
from apps.portal.context_processors import Page
from apps.portal.fetches import find_announcements, find_my_announcements, find_services
from apps.portal.introductions import introduce
from apps.portal.terms import Board

ONE_YEAR = 365 * 24 * 60 * 60


@guard(Open())
@require_GET
def home(request: GuardedRequest) -> HttpResponse:
    """What Ankang is, the ways in (manual 0.

    預注查詢, 系統元件) and 系統公告; who is logged in goes to the own home.
    """
    if request.user.is_authenticated:
        return redirect("my_home")
    context = {
        "announcements": find_announcements(Board.NEWS),
        "services": [introduce(each) for each in find_services()],
    }
    return render(request, "portal/home.html", context)


@guard(SignedIn())
@require_GET
def my_home(request: GuardedRequest) -> HttpResponse:
    """The services that this person may use here, and what there is to know about them (manual 1)."""
    page = Page(request)
    codes = [service.code for service in page.services]
    context = {"page": page, "announcements": find_my_announcements(codes)}
    return render(request, "portal/my_home.html", context)


@guard(Open())
@require_GET
def site_map(request: GuardedRequest) -> HttpResponse:
    return render(request, "portal/site_map.html")


@guard(Open())
@require_POST
def switch_language(request: GuardedRequest) -> HttpResponse:
    """Keeps the chosen language in a cookie and returns to the same page, never to another site."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = reverse("home")
    response = HttpResponseRedirect(target, status=303)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=ONE_YEAR,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
