"""The operators' site: Django's admin behind our card login and guard."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admin import AdminSite, site
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from apps.access.http import GuardedRequest

# Logging in and out and passwords are the cards app's: the admin's own ways in do not exist here,
# nor its jump to public pages, which no record of ours has.
LEFT_OUT = {"login", "logout", "password_change", "password_change_done", "view_on_site"}

View = Callable[..., HttpResponseBase]
Routes = list[URLPattern | URLResolver]


class BackofficeConfig(AdminConfig):
    default_site = "config.backoffice.BackofficeSite"

    def ready(self) -> None:
        from django.contrib.auth.models import Group

        from config.celery import app

        super().ready()
        # Whoever enqueues a task, from whatever process, finds our Redis and every task's name.
        app.autodiscover_tasks(force=True)
        site.unregister(Group)  # rights are roles, memberships and grants; groups have none


class BackofficeSite(AdminSite):
    site_title = site_header = _("Ankang back office")
    index_title = _("Back office")
    site_url = "/my/"

    def has_permission(self, request: "GuardedRequest") -> bool:  # type: ignore[override]
        """The guard around every route has decided; this only keeps Django's own asking quiet."""
        from apps.accounts.terms import SessionRole

        return bool(request.actor.role == SessionRole.OPERATOR)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """First what waits for the operator, then all there is."""
        from apps.core.backoffice import find_waiting

        return super().index(request, {"waiting": find_waiting(), **(extra_context or {})})

    def get_urls(self) -> Routes:
        """The admin's routes, each for operators only and each leaving an event, whoever registered it."""
        routes = [each for each in super().get_urls() if getattr(each, "name", "") not in LEFT_OUT]
        for pattern in _patterns(routes):
            pattern.callback = _for_operators(pattern.callback)
        return routes


def _patterns(routes: Routes) -> Iterator[URLPattern]:
    for route in routes:
        if isinstance(route, URLPattern):
            yield route
        else:
            yield from _patterns(route.url_patterns)


def _for_operators(view: View) -> View:
    # Imported late: the admin's registry is made before the apps' models are.
    from apps.access.guards import Holds, guard
    from apps.accounts.terms import SessionRole
    from apps.audit.services import event, record
    from apps.audit.terms import Action

    # A page that asks again by itself is recorded once, by the page that began it.
    unrecorded = getattr(view, "unrecorded", False)

    @guard(Holds(SessionRole.OPERATOR), Action.USE_BACKOFFICE)
    @wraps(view)
    def recorded(request: "GuardedRequest", *args: Any, **kwargs: Any) -> HttpResponseBase:
        page = request.resolver_match.view_name if request.resolver_match else ""
        if not unrecorded:
            record(
                event(Action.USE_BACKOFFICE, by=request.actor, object_type="page", object_id=page)
            )
        return view(request, *args, **kwargs)

    recorded.login_url = settings.LOGIN_URL  # type: ignore[attr-defined]  # not the admin's own
    return recorded
