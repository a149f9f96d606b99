"""What a reader may narrow a tab to. Choices are made of the rows themselves, so none is empty."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.emergency.terms import Source

ALL = ("", _("All"))


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        error_messages={"invalid": _("Please enter the day as 2026-12-31.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class Filters(forms.Form):
    """The days. A tab with more to choose extends it."""

    since = _day_field(_("Visited from"))
    until = _day_field(_("Visited until"))

    # Fields whose choices are the values of an attribute of the rows.
    listed: dict[str, str] = {}

    def offer(self, rows: Sequence[Any]) -> "Filters":
        """Fills the lists with what is in the rows."""
        for name, attribute in self.listed.items():
            values = sorted({value for row in rows if (value := self.value_of(row, attribute))})
            choices = [ALL, *((value, value) for value in values)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        return self

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error(
                "until", ValidationError(_("The last day lies before the first."), code="period")
            )
        return self.cleaned_data

    def keep(self, rows: Iterable[Any]) -> list[Any]:
        """The rows that fit; all of them for a form that is wrong or empty."""
        if not self.is_valid():
            return list(rows)
        return [row for row in rows if self.fits(row)]

    def fits(self, row: Any) -> bool:
        chosen = self.cleaned_data
        day = self.day_of(row)
        if chosen["since"] and day < chosen["since"]:
            return False
        if chosen["until"] and day > chosen["until"]:
            return False
        return all(
            not chosen[name] or self.value_of(row, attribute) == chosen[name]
            for name, attribute in self.listed.items()
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is chosen."""
        return self.is_valid() and any(self.cleaned_data.values())

    def day_of(self, row: Any) -> date:
        day: date = row.visited_on
        return day

    def value_of(self, row: Any, attribute: str) -> str:
        return str(getattr(row, attribute) or "")


class CategoryFilters(Filters):
    """Examinations and treatments, by their category."""

    category = forms.ChoiceField(label=_("Category"), required=False, choices=[ALL])
    listed = {"category": "category"}


class ResultFilters(CategoryFilters):
    item = forms.ChoiceField(label=_("Item"), required=False, choices=[ALL])
    abnormal = forms.BooleanField(label=_("Only results out of range"), required=False)
    listed = {"category": "category", "item": "item"}

    def fits(self, row: Any) -> bool:
        out_of_range = row.flag not in {"", "N"}
        return super().fits(row) and (out_of_range or not self.cleaned_data["abnormal"])


class MedicationFilters(Filters):
    """The seven of manual 3 in its order: ATC3名稱, ATC5名稱, 成分名稱, 就醫區間, 餘藥, 藥品名稱, 來源."""

    field_order = ("atc3", "atc5", "ingredient", "since", "until", "left", "name", "source")

    atc3 = forms.ChoiceField(label=_("ATC3 name"), required=False, choices=[ALL])
    atc5 = forms.ChoiceField(label=_("ATC5 name"), required=False, choices=[ALL])
    ingredient = forms.ChoiceField(label=_("Ingredient"), required=False, choices=[ALL])
    name = forms.CharField(
        label=_("Drug name"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    left = forms.BooleanField(label=_("Only drugs with days left"), required=False)
    source = forms.MultipleChoiceField(
        label=_("source"),
        required=False,
        choices=Source.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    listed = {"atc3": "atc3_name", "atc5": "atc5_name", "ingredient": "ingredient"}

    def fits(self, row: Any) -> bool:
        chosen = self.cleaned_data
        return (
            super().fits(row)
            and (not chosen["left"] or row.days_left > 0)
            and (not chosen["source"] or row.source in chosen["source"])
            and chosen["name"].casefold() in row.record.name.casefold()
        )

    def day_of(self, row: Any) -> date:
        day: date = row.record.supplied_on
        return day

    def value_of(self, row: Any, attribute: str) -> str:
        return str(getattr(row.record, attribute) or "")
