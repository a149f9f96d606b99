"""What the operators' pages share: Django's admin, read only unless an admin says otherwise.

Who may enter is decided once, by the site (config.backoffice); Django's model permissions play no
part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise


class OperatorAdmin(admin.ModelAdmin):
    """Lists and shows.

    Changes go through services with an access event, never through the admin's own save.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@dataclass(frozen=True)
class Waiting:
    """Something that waits for an operator: how many, and the list of them (empty: no such page)."""

    name: str | Promise
    count: int
    url: str


Counter = Callable[[], int]
_counters: list[tuple[str | Promise, str, str, Counter]] = []


def waits(name: str | Promise, url_name: str, query: str = "") -> Callable[[Counter], Counter]:
    """Registers a function that counts what waits for the operators, for their first page.

    For an app's admin.py: `@waits(_("Applications"), "admin:access_…_changelist", "state=…")`.
    """

    def register(count: Counter) -> Counter:
        _counters.append((name, url_name, query, count))
        return count

    return register


def find_waiting() -> list[Waiting]:
    """What waits at present; what does not is left out."""
    found = ((name, count(), _list_of(url, query)) for name, url, query, count in _counters)
    return [Waiting(name, number, url) for name, number, url in found if number]


def _list_of(url_name: str, query: str) -> str:
    try:
        return reverse(url_name) + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""
