"""Editing in the back office: one access event for each change."""

from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from apps.audit.changes import remove_record, save_record
from apps.core.backoffice import OperatorAdmin

if TYPE_CHECKING:
    from django.forms import ModelForm


class EditableAdmin(OperatorAdmin):
    """For records whose change is nothing but new values: add, change and delete, each an event.

    Set `addable` and `removable` to False where the set of records is fixed.
    """

    addable = True
    removable = True
    actions = None  # records are removed one by one, after a look at each

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.addable

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.removable

    def save_model(
        self, request: HttpRequest, obj: Model, form: "ModelForm[Any]", change: bool
    ) -> None:
        save_record(record=obj, by=request.actor)  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        remove_record(record=obj, by=request.actor)  # type: ignore[attr-defined]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset:
            self.delete_model(request, each)

    # The access log is the one history (DESIGN 5); Django's own beside it would be a second truth.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        return None
