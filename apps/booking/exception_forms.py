"""The form of the exception desk: who is it, by which rule, and why. Shapes only; services decide."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.forms import BirthDateField
from apps.booking.models import ExceptionRule
from apps.booking.services import Grounds, Typed
from apps.booking.terms import DocumentKind
from apps.identities.numbers import InvalidNumber, normalize
from apps.identities.terms import IdentifierKind

NATIONALITY = re.compile(r"[A-Za-z]{3}")
SHORTEST_REASON = 4


class ExceptionForm(forms.Form):
    """Everything on one screen; what a rule does not need may stay empty."""

    rule = forms.ChoiceField(
        label=_("Rule"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the rule.")},
    )
    document = forms.ChoiceField(
        label=_("Document"), choices=DocumentKind, initial=DocumentKind.NATIONAL_ID
    )
    number = forms.CharField(
        label=_("Document number"),
        max_length=12,  # of an entry permit; passports have nine (ICAO 9303)
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Please enter the document number.")},
    )
    nationality = forms.CharField(
        label=_("Nationality"),
        help_text=_("Three letters, for passports"),
        max_length=3,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Please enter the name.")},
    )
    birth_date = BirthDateField(
        label=_("Birth date"),
        help_text=_("075/01/31 or 1986-01-31"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 10}),
        error_messages={"required": _("Please enter the birth date.")},
    )
    birth_order = forms.IntegerField(
        label=_("Order of birth"),
        help_text=_("Among twins and more, by the mother's number"),
        min_value=1,
        max_value=9,
        initial=1,
        required=False,
    )
    guardian_name = forms.CharField(
        label=_("Guardian"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    guardian_relation = forms.CharField(
        label=_("Relation"), help_text=_("For example mother"), max_length=20, required=False
    )
    guardian_consent = forms.BooleanField(
        label=_("The guardian is present, was shown to be one, and agrees"), required=False
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The auditors read it."),
        max_length=200,
        error_messages={"required": _("Please give a reason.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = {rule.code: rule for rule in ExceptionRule.objects.filter(enabled=True)}
        choices = [(rule.code, rule.label) for rule in self.rules.values()]
        self.fields["rule"].choices = choices  # type: ignore[attr-defined]
        if not self.is_bound:
            self.fields["rule"].widget.attrs["autofocus"] = True

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name.isprintable():
            raise ValidationError(_("Please enter the name."), code="shape")
        return name

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if len(reason) < SHORTEST_REASON:
            raise ValidationError(
                _("Please write the reason so that somebody else understands it."), code="short"
            )
        return reason

    def clean(self) -> dict[str, Any]:
        """What the chosen rule and document need, said beside the field that lacks it."""
        data = self.cleaned_data
        rule = self.rules.get(data.get("rule", ""))
        if data.get("document") and data.get("number"):
            self._clean_number(DocumentKind(data["document"]))
        if rule and data.get("document") and data["document"] not in rule.documents:
            self.add_error("document", _("This rule does not take this document."))
        if rule and rule.needs_guardian:
            self._clean_guardian()
        return data

    def _clean_number(self, document: DocumentKind) -> None:
        kinds = {
            DocumentKind.PASSPORT: IdentifierKind.PASSPORT,
            DocumentKind.ENTRY_PERMIT: IdentifierKind.ENTRY_PERMIT,
        }
        kind = kinds.get(document, IdentifierKind.NATIONAL_ID)
        try:
            self.cleaned_data["number"] = normalize(kind=kind, value=self.cleaned_data["number"])
        except InvalidNumber as error:
            self.add_error("number", ValidationError(str(error.message), code=error.code))
        nationality = self.cleaned_data.get("nationality", "").strip()
        if document == DocumentKind.PASSPORT and not NATIONALITY.fullmatch(nationality):
            self.add_error("nationality", _("Please enter the nationality as three letters."))
        self.cleaned_data["nationality"] = nationality.upper()

    def _clean_guardian(self) -> None:
        wanted = {
            "guardian_name": _("Please enter the guardian's name."),
            "guardian_relation": _("Please enter the guardian's relation."),
            "guardian_consent": _("Please confirm the guardian's consent."),
        }
        for name, message in wanted.items():
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, message)

    def as_typed(self) -> Typed:
        """Of a valid form."""
        data = self.cleaned_data
        born: date = data["birth_date"]
        return Typed(
            document=DocumentKind(data["document"]),
            number=data["number"],
            name=data["name"],
            birth_date=born,
            nationality=data["nationality"],
            birth_order=data["birth_order"] or 1,
        )

    def as_grounds(self) -> Grounds:
        """Of a valid form; a guardian that the rule does not ask for is not kept."""
        data = self.cleaned_data
        if not self.rules[data["rule"]].needs_guardian:
            return Grounds(reason=data["reason"])
        return Grounds(data["reason"], data["guardian_name"], data["guardian_relation"])
