"""Where a person can go: pages of the role, then the services that this person may use here."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.policies import services_here
from apps.accounts.http import PersonRequest
from apps.accounts.terms import SessionRole

# A page stands here by its URL name, because some of these live above the portal.
PAGES_OF_ROLE: dict[str, list[tuple[str, Promise]]] = {
    SessionRole.OPERATOR: [("admin:index", _("Back office"))],
    SessionRole.AUDITOR: [("search_log", _("Access log"))],
}


@dataclass(frozen=True)
class Place:
    """A link of the navigation."""

    name: str
    url_name: str
    url: str
    code: str = ""


def _place(name: str | Promise, url_name: str, code: str = "") -> Place | None:
    """The link, or None for a page that this installation does not have."""
    try:
        return Place(str(name), url_name, reverse(url_name), code)
    except NoReverseMatch:
        return None


def find_services(request: PersonRequest) -> list[Place]:
    """The services of this person at this institution, those with a page, in their order."""
    places = (
        _place(service.label, service.url_name, service.code)
        for service in services_here(by=request.actor)
    )
    return [place for place in places if place]


def find_pages(role: str) -> list[Place]:
    """The pages that come with a role, without any grant."""
    places = (_place(name, url_name) for url_name, name in PAGES_OF_ROLE.get(role, []))
    return [place for place in places if place]
