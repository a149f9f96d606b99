"""What is typed before an emergency query: the purpose, the number, the consent."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.audit.events import holds_national_id
from apps.cards.models import Reading
from apps.emergency.terms import Purpose
from apps.identities.numbers import InvalidNumber, check_national_id
from apps.queries.terms import NEEDS_REFERENCE, Consent

# What the field itself finds wrong, under the names that all numbers have.
OWN_CODES = {
    "required": "ID-EMPTY",
    "max_length": "ID-LENGTH",
    "null_characters_not_allowed": "ID-SHAPE",
}


class StartForm(forms.Form):
    """Purpose first, then the number of the patient (manual 3, 四(一)).

    With a card in the reader the number comes from the card and need not be typed; typed all the
    same it must be the card's.
    """

    purpose = forms.ChoiceField(
        label=_("Purpose of the query"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose the purpose of the query."),
            "invalid_choice": _("Please choose the purpose of the query."),
        },
    )
    national_id = forms.CharField(
        label=_("National ID"),
        max_length=40,
        strip=True,
        error_messages={"required": _("Please enter the patient's national ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(
        self, *args: Any, purposes: list[Purpose], reading: Reading | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"].choices = [  # type: ignore[attr-defined]
            (each.value, each.label) for each in purposes
        ]
        if len(purposes) == 1:
            self.fields["purpose"].initial = purposes[0].value
        self.fields["national_id"].required = reading is None

    def clean_national_id(self) -> str:
        """The number in its normal spelling; empty when the card gives it."""
        typed: str = self.cleaned_data["national_id"]
        if not typed:
            return ""
        try:
            return check_national_id(typed)
        except InvalidNumber as error:
            raise ValidationError(str(error.message), code=error.code) from error

    @property
    def number_code(self) -> str:
        """The code of what is wrong with the number, for the page (DESIGN 7)."""
        errors = self.errors.as_data().get("national_id", [])
        code = str(errors[0].code or "") if errors else ""
        return OWN_CODES.get(code, code)


class ConsentForm(forms.Form):
    """Manual 3, 四(五): three choices, and the recording's reference or the reason."""

    consent = forms.ChoiceField(
        label=_("Consent"),
        choices=Consent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the three.")},
    )
    reference = forms.CharField(
        label=_("Reference of the recording, or the reason"),
        help_text=_(
            "With consent: number or place of the sound or video recording. Urgent: why it had to be"
            " done without."
        ),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"].strip()
        if holds_national_id(reference):
            raise ValidationError(
                _("Please do not write a national ID here; the log keeps this text."), code="number"
            )
        return reference

    def clean(self) -> dict[str, Any]:
        chosen, reference = self.cleaned_data.get("consent"), self.cleaned_data.get("reference")
        if chosen in NEEDS_REFERENCE and reference == "":
            message = (
                _("Please enter the number or place of the recording.")
                if chosen == Consent.OBTAINED
                else _("Please enter the reason.")
            )
            self.add_error("reference", ValidationError(message, code="QRY-CONSENT"))
        return self.cleaned_data
