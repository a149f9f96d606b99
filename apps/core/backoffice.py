"""What the operators' pages share: Django's admin, read only unless an admin says otherwise.

Who may enter is decided once, by the site (config.backoffice); Django's model permissions play no
part.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class OperatorAdmin(admin.ModelAdmin):
    """Lists and shows. Changes go through services with an access event, never through the admin's
    own save.
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
