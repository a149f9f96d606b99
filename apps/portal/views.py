"""The public home, a person's own home, the language switch, and the probes of the machines around us."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.access.guards import Open, SignedIn, guard
from apps.access.http import GuardedRequest
from apps.portal.contacts import HELP_DESK, NETWORK_DESK
from apps.portal.services import check_readiness

ONE_YEAR = 365 * 24 * 60 * 60


@guard(Open())
@require_GET
def home(request: GuardedRequest) -> HttpResponse:
    """What Ankang is, the way in, and what the computer needs; who is logged in goes to the own home."""
    if request.user.is_authenticated:
        return redirect("my_home")
    context = {"contacts": [HELP_DESK, NETWORK_DESK], "agent_origin": settings.AGENT_ORIGIN}
    return render(request, "portal/home.html", context)


@guard(SignedIn())
@require_GET
def my_home(request: GuardedRequest) -> HttpResponse:
    """The services that this person may use here (manual 1: 我的首頁)."""
    return render(request, "portal/my_home.html")


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


@guard(Open())
@require_GET
def healthz(request: GuardedRequest) -> JsonResponse:
    """The process is alive; nothing else is asked."""
    return JsonResponse({"alive": True})


@guard(Open())
@require_GET
def readyz(request: GuardedRequest) -> JsonResponse:
    """503 while a part that requests need does not answer."""
    checks = check_readiness()
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)
