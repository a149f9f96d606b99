"""Forms of the operators' pages of booking. They check shapes; services and four eyes decide."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.forms import BirthDateField
from apps.booking.figures import cities_to_show
from apps.booking.models import Campaign, ExceptionRule
from apps.booking.services.campaigns import Appointed
from apps.booking.site_forms import day_field, needed
from apps.booking.terms import DocumentKind, EntryKind
from apps.core import clock
from apps.identities.numbers import InvalidNumber, normalize
from apps.identities.terms import IdentifierKind

BRAND = re.compile(r"[A-Za-z0-9\u4e00-\u9fff._-]{1,20}")


class CampaignRulesForm(forms.ModelForm):
    """All that a campaign is: period, number, and the rule of who may book (C1)."""

    listed_kinds = forms.MultipleChoiceField(
        label=_("lists that count"),
        choices=EntryKind,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Campaign
        fields = [
            *("code", "name", "vaccine", "brands", "prefix", "published"),
            *("books_from", "books_until", "offer_hours"),
            *("listed_kinds", "group_from_age", "min_age", "max_age"),
            *("dose_number", "min_interval_days", "previous_brands"),
        ]
        help_texts = {
            "prefix": _("Stands before the running number, as in MO,AZ01-0000014637."),
            "brands": _("Separated by commas; empty: any."),
            "group_from_age": _("Everybody from this age on belongs to the group without a list."),
            "previous_brands": _("Brands of the last dose, separated by commas; empty: any."),
            "published": _("Only a published campaign can be booked."),
        }


class ExceptionRuleForm(forms.ModelForm):
    """Documents by tick instead of by comma."""

    documents = forms.MultipleChoiceField(
        label=_("documents"), choices=DocumentKind, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ExceptionRule
        fields = [
            *("name", "name_en", "enabled", "documents", "max_age", "max_days"),
            *("needs_guardian", "position"),
        ]


class AppointForm(forms.Form):
    """Sites of a campaign, one institution a line."""

    appointed = forms.CharField(
        label=_("Institutions and brands"),
        help_text=_("One institution a line: its code, then its brands, separated by commas."),
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60, "autocomplete": "off"}),
        error_messages={"required": _("Please enter at least one institution.")},
    )

    def clean_appointed(self) -> list[Appointed]:
        lines = self.cleaned_data["appointed"].splitlines()
        return [_appointed(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _appointed(number: int, line: str) -> Appointed:
    code, *brands = [part.strip() for part in re.split(r"[,，、\s]+", line.strip()) if part]
    if not (code.isascii() and code.isdigit() and len(code) == 10):
        raise ValidationError(
            _("Line %(line)s does not begin with an institution code of ten digits."),
            params={"line": number},
        )
    if not brands or not all(BRAND.fullmatch(brand) for brand in brands):
        raise ValidationError(
            _("Line %(line)s names no brand, or one that is not well formed."),
            params={"line": number},
        )
    return Appointed(code, tuple(dict.fromkeys(brands)))


class SiteDayForm(forms.Form):
    """A day that a site calls off, with the confirmation."""

    day = day_field(label=_("Day"), **needed(_("Please enter the day as 2026-12-31.")))
    sure = forms.BooleanField(
        label=_("Cancel all bookings of this day"),
        error_messages={"required": _("Please confirm that all bookings are to be cancelled.")},
    )


class SiteMoveForm(forms.Form):
    """A day that goes to another."""

    day = day_field(label=_("Day"), **needed(_("Please enter the day as 2026-12-31.")))
    to = day_field(
        label=_("Move everybody to"), error_messages={"required": _("Please choose the new day.")}
    )

    def clean(self) -> dict[str, Any]:
        day, to = self.cleaned_data.get("day"), self.cleaned_data.get("to")
        if to and (to == day or to <= clock.today()):
            self.add_error("to", _("Please choose another day that lies ahead."))
        return self.cleaned_data


class _OfCity(forms.Form):
    field_order = ("city",)  # before those of the form that it is mixed into
    city = forms.ChoiceField(
        label=_("City or county"),
        error_messages={"required": _("Please choose the city whose day it is.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cities = [("", "－"), *((name, name) for name in cities_to_show())]
        self.fields["city"].choices = cities  # type: ignore[attr-defined]


class CityDayForm(_OfCity, SiteDayForm):
    """A day that every site of a city calls off."""


class CityMoveForm(_OfCity, SiteMoveForm):
    """A day of a city that goes to another."""


class PersonPreviewForm(forms.Form):
    """Whose case an operator wants to see."""

    kind = forms.ChoiceField(label=_("Kind of number"), choices=IdentifierKind)
    number = forms.CharField(
        label=_("Document number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Please enter the number.")},
    )
    birth_date = BirthDateField(
        label=_("Birth date"),
        help_text=_("075/01/31 or 1986-01-31"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 10}),
        error_messages={"required": _("Please enter the birth date.")},
    )

    def clean(self) -> dict[str, Any]:
        """The number in its one spelling."""
        kind, number = self.cleaned_data.get("kind"), self.cleaned_data.get("number")
        if kind and number:
            try:
                self.cleaned_data["number"] = normalize(kind=IdentifierKind(kind), value=number)
            except InvalidNumber as error:
                self.add_error("number", ValidationError(str(error.message), code=error.code))
        return self.cleaned_data

    @property
    def born(self) -> date:
        """Of a valid form."""
        day: date = self.cleaned_data["birth_date"]
        return day
