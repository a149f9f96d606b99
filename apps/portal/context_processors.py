"""`page`: what every template knows about the request.

Nothing here asks the database before a template does.
"""

from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.utils.translation import get_language

from apps.accounts.http import PersonRequest
from apps.accounts.models import Session
from apps.accounts.sessions import TOUCH_EVERY
from apps.accounts.terms import SessionRole
from apps.audit.downtime import journal
from apps.core import clock
from apps.portal import navigation
from apps.portal.contacts import help_desk, remembered_help_desk
from apps.portal.models import Contact

CARD_EXPIRY_ANNOUNCED = timedelta(days=30)


class Page:
    """The frame of a page: its name, who is logged in for which institution, where they can go."""

    def __init__(self, request: PersonRequest) -> None:
        self._request = request

    @cached_property
    def name(self) -> str:
        """The URL name, which browser scripts hold on to (DESIGN 7); `refusal` where no route matched."""
        match = self._request.resolver_match
        return (match.view_name if match else "") or "refusal"

    @property
    def entry(self) -> str:
        """The URL name of the menu's entry that this page is, or lies below."""
        return navigation.ENTRY_OF.get(self.name, self.name)

    @cached_property
    def help_desk(self) -> Contact:
        return help_desk()

    @cached_property
    def session(self) -> Session | None:
        """The login; none for visitors and for a request that failed before its session was looked at."""
        return getattr(getattr(self._request, "session", None), "record", None)

    @cached_property
    def downtime(self) -> bool:
        """The log or its sealing fails, and this page goes on all the same (FEATURES F9)."""
        actor = getattr(self._request, "actor", None)
        return bool(self.session) and (bool(actor and actor.unsealed) or journal().waits)

    @cached_property
    def institution(self) -> str:
        """`健全藥局（5901012345）`; empty for visitors, operators and auditors."""
        if not self.session or not self.session.institution_code:
            return ""
        return f"{self.session.institution_name}（{self.session.institution_code}）"

    @cached_property
    def platform_role(self) -> str:
        """Operators and auditors stand for the agency: the bar says so in place of an institution."""
        return self.session.get_role_display() if self.session and not self.institution else ""

    @cached_property
    def idle_seconds(self) -> int:
        """How long the session certainly lives without a request: `last_seen_at` may lag."""
        return int((settings.SESSION_IDLE - TOUCH_EVERY).total_seconds())

    @cached_property
    def card_expiry(self) -> datetime | None:
        """When the card of this login expires, if that is soon (FEATURES B3)."""
        expires_at = self.session.card_expires_at if self.session else None
        soon = clock.now() + CARD_EXPIRY_ANNOUNCED
        return expires_at if expires_at and expires_at <= soon else None

    @cached_property
    def services(self) -> list[navigation.Place]:
        if not self.session or self.session.role != SessionRole.STAFF:
            return []
        return navigation.find_services(self._request)

    @cached_property
    def manager_pages(self) -> list[navigation.Place]:
        if not self.session or self.session.role != SessionRole.STAFF:
            return []
        return navigation.find_manager_pages(self._request)

    @cached_property
    def places(self) -> list[navigation.Place]:
        """The navigation bar, after 我的首頁."""
        pages = navigation.find_pages(self.session.role if self.session else "")
        return pages + self.manager_pages + self.services

    @cached_property
    def tabs(self) -> list[navigation.Place]:
        """The tabs of the public pages."""
        return navigation.find_tabs()

    @cached_property
    def menu(self) -> list[navigation.Place]:
        """The menu beside the public pages."""
        return navigation.find_menu()

    @cached_property
    def statements(self) -> list[navigation.Place]:
        return navigation.find_statements()

    @cached_property
    def html_language(self) -> str:
        return "en" if get_language() == "en" else "zh-Hant-TW"

    @cached_property
    def return_path(self) -> str:
        """Where the language switch comes back to. A posted page is opened anew without its query."""
        request = self._request
        return request.get_full_path() if request.method == "GET" else request.path


class BarePage(Page):
    """The frame of a fault: it must stand when the database does not."""

    session = None

    @cached_property
    def help_desk(self) -> Contact:
        return remembered_help_desk()


def page(request: PersonRequest) -> dict[str, Page]:
    return {"page": Page(request)}
