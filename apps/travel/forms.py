"""The form of manual 2, 五(一): one of three kinds of number."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.identities.numbers import (
    InvalidNumber,
    check_entry_permit,
    check_national_id,
    check_passport,
)
from apps.identities.terms import IdentifierKind
from apps.queries.patients import Patient, patient_by_number
from apps.travel.terms import Direction, LabelKind, ReleaseKind

KINDS = (
    (IdentifierKind.NATIONAL_ID, _("National ID or resident certificate number")),
    (IdentifierKind.ENTRY_PERMIT, _("Entry permit number of the Republic of China")),
    (IdentifierKind.PASSPORT, _("Passport number and nationality code")),
)
FIELD_OF = {
    IdentifierKind.NATIONAL_ID: "national_id",
    IdentifierKind.ENTRY_PERMIT: "entry_permit",
    IdentifierKind.PASSPORT: "passport",
}


def _number(label: Any, help_text: Any, longest: int) -> forms.CharField:
    """Longer than any number, so that a wrong length is told and not cut off."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        strip=True,
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "size": longest, "maxlength": 60}
        ),
    )


class NumberForm(forms.Form):
    """Which kind, and the number. `number_kind` chooses the field that counts; the others are left alone."""

    number_kind = forms.ChoiceField(
        label=_("Kind of number"),
        choices=KINDS,
        initial=IdentifierKind.NATIONAL_ID,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages={"required": _("Please choose the kind of number.")},
    )
    national_id = _number(
        _("National ID or resident certificate number"),
        _("Please enter half-width letters and digits, 10 characters in all"),
        12,
    )
    entry_permit = _number(
        _("Entry permit number of the Republic of China"),
        _("Please enter half-width letters and digits, 12 characters in all"),
        14,
    )
    passport = _number(_("Passport number"), _("Please enter the passport number (half-width)"), 20)
    nationality = _number(
        _("Nationality code"),
        _("3 half-width letters, upper or lower case"),
        4,
    )

    def clean(self) -> dict[str, Any]:
        kind = self._chosen()
        if not kind:
            return self.cleaned_data
        self.cleaned_data["number_kind"] = kind
        field = FIELD_OF[IdentifierKind(kind)]
        typed = self.cleaned_data.get(field, "")
        if not typed:
            if field not in self.errors:
                self.add_error(field, _told("ID-EMPTY", _("Please enter the ID number.")))
            return self.cleaned_data
        try:
            self.cleaned_data["number"] = self._check(IdentifierKind(kind), typed)
        except InvalidNumber as fault:
            wrong = "nationality" if fault.code == "ID-NATIONALITY" else field
            self.add_error(wrong, _told(fault.code, fault.message))
        return self.cleaned_data

    def _chosen(self) -> str:
        """The kind whose field was filled, where that is one other than the chosen one: without
        JavaScript nothing moves the choice while somebody types.
        """
        chosen = str(self.cleaned_data.get("number_kind", ""))
        filled = [kind for kind, name in FIELD_OF.items() if self.cleaned_data.get(name)]
        if chosen and len(filled) == 1:
            return str(filled[0].value)
        return chosen

    def _check(self, kind: IdentifierKind, typed: str) -> str:
        if kind == IdentifierKind.NATIONAL_ID:
            return check_national_id(typed)
        if kind == IdentifierKind.ENTRY_PERMIT:
            return check_entry_permit(typed)
        return check_passport(typed, self.cleaned_data.get("nationality", ""))

    @property
    def code(self) -> str:
        """The code of the first error, for the page."""
        errors = [each for field in self.errors.as_data().values() for each in field]
        return next((str(each.code) for each in errors if each.code), "")

    def patient(self) -> Patient:
        """Of a valid form."""
        kind = IdentifierKind(self.cleaned_data["number_kind"])
        return patient_by_number(self.cleaned_data["number"], kind=kind)

    @property
    def is_blank(self) -> bool:
        """Nothing was typed: the card says whom it is about."""
        return not any(str(self.data.get(name, "")).strip() for name in FIELD_OF.values())


def _told(code: str, message: Any) -> ValidationError:
    return ValidationError(
        _("%(message)s [%(code)s]"), code=code, params={"message": message, "code": code}
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class PreviewForm(forms.Form):
    """A test person, made up by the operator: nobody's records are opened for a preview."""

    on = forms.DateField(
        label=_("Day of the query"),
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    service = forms.ChoiceField(label=_("Service"), choices=[("TCH", "TCH"), ("IMQ", "IMQ")])
    number_kind = forms.ChoiceField(label=_("Kind of number"), choices=KINDS)
    contact_on = _day(_("Last contact with a confirmed case"))
    moved_on = _day(_("Entry or exit on"))
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices, required=False)
    country = forms.CharField(label=_("Country"), max_length=40, required=False)
    level = forms.IntegerField(label=_("Advisory level"), min_value=1, max_value=3, required=False)
    released_on = _day(_("Released on"))
    release_kind = forms.ChoiceField(
        label=_("Released from"), choices=ReleaseKind.choices, required=False
    )
    list_name = forms.CharField(label=_("Named list"), max_length=40, required=False)
    listed_on = _day(_("Listed on"))
    label_kind = forms.ChoiceField(
        label=_("Occupation or cluster"), choices=LabelKind.choices, required=False
    )
    label = forms.CharField(label=_("Name of it"), max_length=100, required=False)
    referred_on = _day(_("Referred on"))
    place = forms.CharField(label=_("Sampling site"), max_length=100, required=False)
    antiviral_on = _day(_("Influenza antiviral prescribed on"))


class DraftForm(forms.Form):
    note = forms.CharField(label=_("What is new"), max_length=200)
