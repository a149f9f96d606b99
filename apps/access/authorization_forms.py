"""Forms below the tables of authorizations."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.access.services.authorizing import Vanished
from apps.core import clock


class AuthorizationForm(forms.Form):
    """How long the added grants hold, and why."""

    valid_until = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: without an end."),
        error_messages={"invalid": _("Please enter the last day as 2026-12-31.")},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def clean_valid_until(self) -> datetime | None:
        """The moment at which the last day is over, in Taiwan."""
        day = self.cleaned_data["valid_until"]
        if day is None:
            return None
        if day < clock.today():
            raise ValidationError(_("The last day has passed already."), code="past")
        return timezone.make_aware(datetime.combine(day, time.max))


class ReviewForm(AuthorizationForm):
    """What is to happen to the ticked authorizations of one list, or to all of it.

    `listed` are those that are open now. What was ticked and is gone meanwhile is an error; the other
    ticks stay (`ticked`), and so do those of a form that is wrong elsewhere.
    """

    go = forms.ChoiceField(choices=[("close_grants", ""), ("prolong_grants", "")])
    grants = forms.Field(required=False, widget=forms.MultipleHiddenInput)
    every = forms.BooleanField(required=False)

    def __init__(self, *args: Any, listed: Iterable[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = list(listed)
        self.gone: set[UUID] = set()
        self.ticked: set[UUID] = set()
        self.fields["valid_until"].help_text = ""

    def clean_grants(self) -> list[UUID]:
        """Open ones of the own list only; a number that is none of them says nothing more."""
        try:
            sent = {UUID(each) for each in self.cleaned_data["grants"] or []}
        except ValueError as error:
            raise ValidationError(Vanished.message, code=Vanished.code) from error
        self.ticked = sent & set(self.listed)
        self.gone = sent - self.ticked
        if self.gone:
            raise ValidationError(Vanished.message, code=Vanished.code)
        return list(self.ticked)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("every"):
            self.errors.pop("grants", None)
            data["grants"] = self.listed
        if not data.get("grants") and "grants" not in self.errors:
            self.add_error("grants", _("Please tick at least one authorization."))
        if data.get("go") == "close_grants" and not data.get("reason"):
            self.add_error("reason", _("Please give a reason."))
        undated = not data.get("valid_until") and "valid_until" not in self.errors
        if data.get("go") == "prolong_grants" and undated:
            self.add_error("valid_until", _("Please enter the new last day."))
        return data
