"""Which card somebody logs in with, what an NHI card's holder types, and which institution."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    NumericPasswordValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import CardKind, ReaderKind, SessionRole
from apps.institutions.models import Institution

SHORTEST_PASSWORD = 10
PASSWORD_RULES: list[Any] = [
    MinimumLengthValidator(SHORTEST_PASSWORD),
    CommonPasswordValidator(),
    NumericPasswordValidator(),
]


def _offer(form: forms.Form, name: str, choices: Sequence[tuple[str, Any]]) -> None:
    """Fills a choice field with what there is to choose this time."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class LogInForm(forms.Form):
    """The card, and the reader that it is in (manual 1: 請選擇讀卡機種類).

    A card that only one kind of reader takes decides by itself; only where the table leaves a
    choice does the second question count.
    """

    card_kind = forms.ChoiceField(label=_("Card"), initial=CardKind.HPC, widget=forms.RadioSelect)
    reader_kind = forms.ChoiceField(
        label=_("Kind of reader"), required=False, widget=forms.RadioSelect
    )
    workstation = forms.ChoiceField(
        label=_("Demo: this computer stands at"), required=False, widget=forms.RadioSelect
    )

    def __init__(
        self,
        *args: Any,
        ways: dict[str, list[str]],
        remembered: str,
        workstations: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        """`workstations` are those of the demo; with fewer than two there is nothing to choose."""
        super().__init__(*args, **kwargs)
        if len(workstations) > 1:
            _offer(self, "workstation", workstations)
        else:
            del self.fields["workstation"]
        self.ways, self.remembered = ways, remembered
        _offer(self, "card_kind", [(kind, kind.label) for kind in CardKind if kind in ways])
        readers = [(reader, self._name_of(reader)) for reader in ReaderKind]
        _offer(self, "reader_kind", readers)
        known = remembered in ReaderKind.values
        self.fields["reader_kind"].initial = remembered if known else ReaderKind.NHI_READER

    def _name_of(self, reader: ReaderKind) -> str:
        """With the cards that it takes."""
        names = [str(kind.label) for kind in CardKind if reader in self.ways.get(kind, [])]
        cards = pgettext("between the items of a list", ", ").join(names)
        return gettext("%(reader)s (%(cards)s)") % {"reader": reader.label, "cards": cards}

    def clean(self) -> dict[str, Any]:
        """Fits the reader to the card."""
        cleaned = super().clean() or {}
        readers = self.ways.get(cleaned.get("card_kind", ""), [])
        if readers:
            chosen = cleaned.get("reader_kind") or self.remembered
            fallback = ReaderKind.CHIP_READER if ReaderKind.CHIP_READER in readers else readers[0]
            cleaned["reader_kind"] = chosen if chosen in readers else fallback
        return cleaned


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password for this platform"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        help_text=_("Not a number of the card: the password that you registered here."),
        error_messages={"required": _("Please type your password.")},
    )


class NewPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("New password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not only digits, nothing that is easily guessed."),
        error_messages={"required": _("Please choose a password.")},
    )
    password_again = forms.CharField(
        label=_("New password once more"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Please type the password a second time.")},
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, password_validators=PASSWORD_RULES)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        both = {"password", "password_again"} <= cleaned.keys()
        if both and cleaned["password"] != cleaned["password_again"]:
            self.add_error("password_again", _("The two passwords are not the same."))
        return cleaned


class RegisterPasswordForm(NewPasswordForm):
    registration_code = forms.CharField(
        label=_("One-time code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "autofocus": True,
            }
        ),
        help_text=_("12 letters and digits, from the manager who registered you."),
        error_messages={"required": _("Please type the one-time code.")},
    )
    field_order = ("registration_code", "password", "password_again")


class ChooseInstitutionForm(forms.Form):
    institution = forms.ChoiceField(
        label=_("Institution"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose an institution.")},
    )

    def __init__(self, *args: Any, institutions: list[Institution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institutions = {str(each.pk): each for each in institutions}
        _offer(self, "institution", [(key, str(each)) for key, each in self.institutions.items()])

    @property
    def chosen(self) -> Institution:
        return self.institutions[self.cleaned_data["institution"]]


class LostCardForm(forms.Form):
    card_kind = forms.ChoiceField(label=_("Which card was lost?"))

    def __init__(self, *args: Any, card_kinds: Sequence[CardKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "card_kind", [(kind, kind.label) for kind in card_kinds])


class ReportCardForm(forms.Form):
    """For the help desk: whose card, and which kind."""

    number = forms.CharField(
        label=_("National ID of the holder, or code of the institution"), max_length=10
    )
    card_kind = forms.ChoiceField(label=_("Which card was lost?"), choices=CardKind.choices)


class StepUpForm(forms.Form):
    """What the refusal page sends: which page and service to go on with."""

    next = forms.CharField(max_length=200)
    service = forms.CharField(max_length=8)


class LoginWayForm(forms.ModelForm):
    """On or off. The table refuses too, but knows only when a draft is published."""

    def clean_enabled(self) -> bool:
        enabled: bool = self.cleaned_data["enabled"]
        if self.instance.role == SessionRole.OPERATOR and not enabled:
            raise ValidationError(_("The operators' own way to log in stays open."))
        return enabled
