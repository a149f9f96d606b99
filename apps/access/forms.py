"""Forms of authorization. They check shapes; what is allowed, the services say."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.access.lists import fetch_lists, read_list
from apps.access.models import Service
from apps.access.purposes import purposes_of
from apps.access.ranges import MOST, Range, WrongAddress, read_range
from apps.access.services.people import PersonDetails
from apps.access.services.unified import Listed
from apps.access.terms import Facility, Profession, ProofRecency
from apps.access.widgets import Ticks
from apps.accounts.terms import CardKind
from apps.core import clock
from apps.core.roc import parse_day
from apps.identities.numbers import InvalidNumber, check_national_id
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.terms import InstitutionKind

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


class NamedForm(forms.Form):
    """What stands on everybody's card."""

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


class PersonForm(NamedForm):
    """Somebody who is appointed; need never have logged in."""

    field_order = ("national_id", "name", "birth_date")

    national_id = forms.CharField(
        label=_("National ID"),
        max_length=20,
        error_messages={"required": _("Please enter the national ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 20}),
    )

    def clean_national_id(self) -> str:
        try:
            return check_national_id(self.cleaned_data["national_id"])
        except InvalidNumber as error:
            raise ValidationError(str(error.message), code=error.code) from error

    def details(self) -> PersonDetails:
        """Of a valid form."""
        return PersonDetails(**self.cleaned_data)


class CorrectionForm(NamedForm):
    """What is registered of a person, as it stands on the card."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Please give a reason.")},
    )


class PeopleFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns: national ID, name, birth date; one person a line."),
        error_messages={"required": _("Please choose the file.")},
    )


class ReasonForm(forms.Form):
    """Why an operator does something; the institution or the auditors read it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Please give a reason.")},
    )


class ApprovalForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


# An institution's own cards log representatives in, who use no service.
STAFF_CARDS = (CardKind.HPC, CardKind.NHI, CardKind.CITIZEN)


NO_TICK = _("No tick: no restriction.")


def _ticks(
    label: Any, words: Iterable[Any] = (), *, help_text: Any = NO_TICK
) -> forms.TypedMultipleChoiceField:
    """One box for each word, in the place of a list of codes."""
    return forms.TypedMultipleChoiceField(
        label=label,
        choices=[(word.value, word.label) for word in words],
        required=False,
        help_text=help_text,
        widget=Ticks(label),
    )


class NetworkForm(forms.Form):
    """The fixed addresses of an institution, a line each."""

    addresses = forms.CharField(
        label=_("Fixed addresses"),
        max_length=2000,
        help_text=_(
            "One a line: an address, a range 203.66.12.10-203.66.12.20 or a block 203.66.12.0/28;"
            " IPv4 or IPv6."
        ),
        error_messages={"required": _("Please enter at least one address.")},
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(
        label=_("Purpose and line"),
        max_length=200,
        required=False,
        help_text=_("For example: counter of the outpatient department, HiNet fixed line."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_addresses(self) -> list[Range]:
        """Every wrong line is named at once, with what is wrong in it."""
        lines = [line.strip() for line in self.cleaned_data["addresses"].splitlines()]
        found: list[Range] = []
        wrong = []
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                each = read_range(line)
            except WrongAddress as error:
                wrong.append(_wrong_line(number, line, error.message))
                continue
            if any(each.overlaps(other) for other in found):
                wrong.append(_wrong_line(number, line, _("It stands in another line already.")))
            found.append(each)
        if len(found) > MOST:
            wrong.append(ValidationError(_("Please enter at most 20 lines at once."), code="many"))
        if wrong:
            raise ValidationError(wrong)
        return found


def _wrong_line(number: int, line: str, message: Any) -> ValidationError:
    return ValidationError(
        _("Line %(line)s (%(text)s): %(message)s"),
        code="address",
        params={"line": number, "text": line[:60], "message": message},
    )


class ServiceForm(forms.ModelForm):
    """All rules of a service; a list without a tick restricts nothing."""

    audience_kinds = _ticks(_("kinds of institutions"), InstitutionKind)
    facilities = _ticks(_("facilities"), Facility)
    professions = _ticks(_("professions"), Profession)
    card_kinds = _ticks(_("kinds of cards"), STAFF_CARDS)
    manager_card_kinds = _ticks(
        _("kinds of cards of managers"),
        STAFF_CARDS,
        help_text=_("For people who manage the institution. No tick: the same as of users."),
    )
    purposes = _ticks(_("purposes of a query"))

    class Meta:
        widgets = {  # as Django wants it
            name: forms.Textarea(attrs={"rows": 3, "cols": 80})
            for name in ("permits", "permits_en")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Purposes are offered where a query of the service asks for one."""
        super().__init__(*args, **kwargs)
        purposes = purposes_of(self.instance.pk)
        if purposes:
            offered: Any = self.fields["purposes"]
            offered.choices = [(each.value, each.label) for each in purposes]
        else:
            del self.fields["purposes"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        seconds, recency = data.get("recency_seconds"), data.get("recency")
        if recency == ProofRecency.SESSION and seconds:
            self.add_error("recency_seconds", _("Once per session knows no seconds: 0."))
        elif recency not in {ProofRecency.SESSION, ProofRecency.EACH} and not seconds:
            self.add_error("recency_seconds", _("Please say for how many seconds the proof holds."))
        elif seconds and seconds > settings.SESSION_COOKIE_AGE:
            self.add_error("recency_seconds", _("No session lives longer than eight hours: 28800."))
        return data


class CampaignForm(forms.Form):
    """A unified authorization: which service, which institutions, until when."""

    name = forms.CharField(label=_("Name"), max_length=100)
    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.all())
    valid_from = forms.DateField(
        label=_("First day"),
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    to_responsible = forms.BooleanField(
        label=_("Also to the responsible professional of each institution"), required=False
    )
    imported = forms.ChoiceField(
        label=_("Imported list"),
        required=False,
        help_text=_("Of the files of unified lists that were imported; or type a list below."),
    )
    listed = forms.CharField(
        label=_("List"),
        required=False,
        help_text=_(
            "One institution a line: institution code, then if wanted the national ID"
            " and the name of the responsible professional, separated by commas."
        ),
        widget=forms.Textarea(attrs={"rows": 10, "cols": 60, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields["imported"]
        offered.choices = [("", "—"), *((each.key, str(each)) for each in fetch_lists())]

    def clean(self) -> dict[str, Any]:
        """Either an imported list, of the same service, or one that was typed."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        key, typed = data.pop("imported", ""), data.get("listed")
        if "listed" in self.errors or "imported" in self.errors:
            return data
        if bool(key) == bool(typed):
            self.add_error("listed", _("Please choose an imported list or type one."))
        elif key:
            service, list_code = key.split(":", 1)
            if data.get("service") and data["service"].pk != service:
                self.add_error("imported", _("This list was imported for another service."))
            data["listed"] = read_list(service=service, list_code=list_code)
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The last day lies before the first one."))
        elif last and last < clock.today():
            self.add_error("valid_until", _("The last day has passed already."))
        return data

    def clean_listed(self) -> list[Listed]:
        """Each line's number of a person is turned into the identity at once."""
        lines = self.cleaned_data["listed"].splitlines()
        found = [_listed(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        codes = [each.code for each in found]
        if twice := sorted({code for code in codes if codes.count(code) > 1})[:5]:
            raise ValidationError(
                _("These institutions stand in the list twice: %(codes)s"),
                params={"codes": ", ".join(twice)},
            )
        return found


def _listed(number: int, line: str) -> Listed:
    code, national_id, name = ([part.strip() for part in line.split(",")] + ["", ""])[:3]
    if not (code.isascii() and code.isdigit() and len(code) == 10):
        raise ValidationError(
            _("Line %(line)s does not begin with an institution code of ten digits."),
            params={"line": number},
        )
    if not national_id:
        return Listed(code)
    try:
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
    except InvalidNumber as error:
        raise ValidationError(
            _("Line %(line)s: %(message)s"), params={"line": number, "message": error.message}
        ) from error
    return Listed(code, identity, name)


class CloseGrantForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason for closing"),
        max_length=200,
        error_messages={"required": _("Please give a reason for closing the grant.")},
    )
