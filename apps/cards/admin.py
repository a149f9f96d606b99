"""What operators keep for card logins: the reader/card table, authorities, revocation lists."""

from django.contrib import admin

from apps.audit.backoffice import EditableAdmin
from apps.cards.models import LoginWay, RevocationList, TrustAnchor
from apps.core.backoffice import OperatorAdmin


@admin.register(LoginWay)
class LoginWayAdmin(EditableAdmin):
    """Ways are switched on and off; which ones there can be, the manual says."""

    list_display = ["card_kind", "reader_kind", "role", "enabled"]
    list_filter = ["enabled"]
    readonly_fields = ["card_kind", "reader_kind", "role"]
    addable = removable = False


@admin.register(RevocationList)
class RevocationListAdmin(EditableAdmin):
    """How old a list may be, and where it lies; the rest comes with the list."""

    list_display = ["name", "made_at", "due_at", "fetched_at", "size", "last_problem"]
    fields = [
        "name",
        "address",
        "max_age",
        "grace",
        "made_at",
        "due_at",
        "fetched_at",
        "size",
        "last_problem",
    ]
    readonly_fields = ["name", "made_at", "due_at", "fetched_at", "size", "last_problem"]
    addable = removable = False


@admin.register(TrustAnchor)
class TrustAnchorAdmin(OperatorAdmin):
    """To look at: whom the platform believes is not changed by one person in a browser."""

    list_display = ["card_kind", "name", "demo", "active", "needs_list"]
