"""The operators' site: Django's admin behind our card login and guard."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

# Logging in and out and passwords are the cards app's; the admin's own ways in do not exist here.
OWN_WAYS_IN = {"login", "logout", "password_change", "password_change_done"}

View = Callable[..., HttpResponse]


class BackofficeConfig(AdminConfig):
    default_site = "config.backoffice.BackofficeSite"


class BackofficeSite(AdminSite):
    site_title = site_header = _("Ankang back office")
    index_title = _("Back office")
    site_url = "/my/"

    def has_permission(self, request: HttpRequest) -> bool:
        from apps.accounts.terms import SessionRole

        return request.actor.role == SessionRole.OPERATOR

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Each page is for operators and leaves an event; the change itself is recorded by its service."""
        from apps.access.guards import Holds, guard
        from apps.accounts.terms import SessionRole
        from apps.audit.services import event, record
        from apps.audit.terms import Action

        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def recorded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            name = request.resolver_match.view_name if request.resolver_match else ""
            record(
                event(Action.USE_BACKOFFICE, by=request.actor, object_type="page", object_id=name)
            )
            return inner(request, *args, **kwargs)

        return guard(Holds(SessionRole.OPERATOR), Action.USE_BACKOFFICE)(recorded)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            route for route in super().get_urls() if getattr(route, "name", "") not in OWN_WAYS_IN
        ]
