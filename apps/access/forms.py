"""Forms of authorization. They check shapes; what is allowed, the services say."""

import unicodedata
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.access.services.people import PersonDetails
from apps.core import clock
from apps.core.roc import parse_day
from apps.identities.numbers import InvalidNumber, check_national_id

OLDEST = 120  # years


class BirthDateField(forms.CharField):
    """A birth date as people write it: 1986-01-31, 1986/1/31, 075/01/31, 0750131."""

    def to_python(self, value: Any) -> date | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        try:
            day = parse_day(unicodedata.normalize("NFKC", text).strip())
        except ValueError as error:
            raise ValidationError(
                _("Please enter the birth date as year, month and day, for example 075/01/31."),
                code="invalid",
            ) from error
        if not clock.today().year - OLDEST <= day.year or day > clock.today():
            raise ValidationError(_("Please check the year of the birth date."), code="range")
        return day


class PersonForm(forms.Form):
    """Somebody who is appointed; need never have logged in."""

    national_id = forms.CharField(
        label=_("National ID"),
        max_length=20,
        error_messages={"required": _("Please enter the national ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 20}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        error_messages={"required": _("Please enter the name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = BirthDateField(
        label=_("Birth date"),
        help_text=_("075/01/31 or 1986-01-31"),
        error_messages={"required": _("Please enter the birth date.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 10}),
    )

    def clean_national_id(self) -> str:
        try:
            return check_national_id(self.cleaned_data["national_id"])
        except InvalidNumber as error:
            raise ValidationError(error.message, code=error.code) from error

    def details(self) -> PersonDetails:
        """Of a valid form."""
        return PersonDetails(**self.cleaned_data)


class PeopleFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns: national ID, name, birth date; one person a line."),
        error_messages={"required": _("Please choose the file.")},
    )


class CloseGrantForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason for closing"),
        max_length=200,
        error_messages={"required": _("Please give a reason for closing the grant.")},
    )


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
