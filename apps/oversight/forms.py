"""What auditors and managers look for in the log."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.access.models import Service
from apps.accounts.models import Person
from apps.accounts.terms import CardKind
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.identities.numbers import InvalidNumber
from apps.identities.terms import IdentifierKind
from apps.oversight import rules
from apps.oversight.criteria import DEFAULT_DAYS, NOBODY, Criteria
from apps.oversight.services import searching
from apps.oversight.terms import NEEDS_NOTE, CaseState, Finding, SearchPurpose

LONGEST = timedelta(days=366 * 10)


class PurposeForm(forms.Form):
    """Nobody looks at the log without saying why."""

    purpose = forms.ChoiceField(
        label=_("Purpose of this search"),
        choices=[("", _("Please choose")), *SearchPurpose.choices],
        error_messages={"required": _("Purpose of this search: please choose one.")},
    )
    note = forms.CharField(label=_("File number or matter"), required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("purpose") in NEEDS_NOTE and not data.get("note"):
            self.add_error("note", _("File number or matter: this purpose needs one."))
        return data


def day_field(label: Any, missing: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": missing},
    )


class PeriodForm(forms.Form):
    """Within a period; what was done by whom, in which service, with which result. An unknown value is
    an error, never an unfiltered list.

    `labels` and `namesakes` are there after is_valid().
    """

    since = day_field(_("From day"), _("From day: please enter a day."))
    until = day_field(_("To day"), _("To day: please enter a day."))
    person = forms.CharField(
        label=_("User: name or national ID"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    service = forms.ChoiceField(label=_("Service"), required=False)
    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("All actions")), *Action.choices]
    )
    outcome = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All results")), *Outcome.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        today = clock.today()
        first = today - timedelta(days=DEFAULT_DAYS)
        kwargs["initial"] = {"since": first, "until": today, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.labels: dict[str, str] = {}
        self.namesakes: list[Person] = []
        services = [(each.code, f"{each.code} {each.label}") for each in Service.objects.all()]
        self.fields["service"].choices = [("", _("All services")), *services]  # type: ignore[attr-defined]

    def find_people(self, text: str) -> list[Person]:
        """Among whom `person` is looked for."""
        return searching.find_people(text=text)

    def chosen_among(self, found: list[Person], chosen: str) -> list[Person]:
        """Of several people of one name the one that was chosen below."""
        return [each for each in found if str(each.pk) == chosen]

    def clean_person(self) -> UUID | None:
        text = self.cleaned_data["person"].strip()
        if not text:
            return None
        found = self.find_people(text)
        chosen = self.data.get("person_choice")
        if len(found) > 1 and chosen:
            found = self.chosen_among(found, chosen)
        if len(found) > 1:
            self.namesakes = found
            raise forms.ValidationError(
                _("User: several people have this name. Please choose one below.")
            )
        self.labels["person"] = found[0].name if found else "—"
        return found[0].pk if found else NOBODY

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until:
            self._check_period(since, until)
        return data

    def _check_period(self, since: date, until: date) -> None:
        if until < since:
            self.add_error("until", _("To day: this is before the first day."))
        elif until - since > LONGEST:
            self.add_error("since", _("From day: a search covers at most ten years."))


class SearchLogForm(PurposeForm, PeriodForm):
    """By any of these, together or alone, within a period.

    `criteria` and `labels` are there after is_valid().
    """

    field_order = (  # of the page, which errors follow
        *("purpose", "note", "since", "until", "patient_kind", "patient_number", "person"),
        *("person_choice", "institution", "service", "action", "outcome", "reason"),
    )
    patient_kind = forms.ChoiceField(
        label=_("Kind of number"), choices=IdentifierKind.choices, required=False
    )
    patient_number = forms.CharField(
        label=_("Number of the patient"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    person_choice = forms.UUIDField(required=False, widget=forms.HiddenInput())
    institution = forms.CharField(
        label=_("Institution: code or name"), required=False, max_length=200
    )
    reason = forms.CharField(
        label=pgettext_lazy("access log", "Reason code"), required=False, max_length=60
    )

    def clean_patient_number(self) -> Any:
        number = self.cleaned_data["patient_number"]
        if not number:
            return None
        kind = self.cleaned_data.get("patient_kind") or IdentifierKind.NATIONAL_ID
        try:
            identity, masked = searching.find_patient(kind=kind, number=number)
        except InvalidNumber as error:
            raise forms.ValidationError(f"{error.message} [{error.code}]") from error
        self.labels["patient"] = masked
        return identity

    def clean_person_choice(self) -> Any:
        return self.cleaned_data["person_choice"]

    def clean_institution(self) -> Any:
        text = self.cleaned_data["institution"].strip()
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) != 10:
            raise forms.ValidationError(_("An institution code has ten digits."))
        found = searching.find_institutions(text=text)
        if len(found) > 1:
            raise forms.ValidationError(
                _("Several institutions have this name. Please enter the code.")
            )
        self.labels["institution"] = str(found[0]) if found else text
        return found[0].pk if found else NOBODY

    def criteria(self) -> Criteria:
        data = self.cleaned_data
        return Criteria(
            since=data["since"],
            until=data["until"],
            patient=data["patient_number"],
            person=data["person"],
            institution=data["institution"],
            **{name: data[name] for name in ("service", "action", "outcome", "reason")},
        )


class SaveSearchForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the search"),
        max_length=60,
        error_messages={"required": _("Name of the search: please enter one.")},
    )


class CaseListForm(forms.Form):
    """Which cases to list; nothing here names a person."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All that wait")),
            ("MINE", _("Assigned to me")),
            *CaseState.choices,
        ],
    )
    rule = forms.ChoiceField(label=_("Rule"), required=False)
    explained = forms.ChoiceField(
        label=_("Explanation"),
        required=False,
        choices=[("", _("All")), ("no", _("none found")), ("yes", _("found"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [(code, rule.title) for code, rule in rules.ALL.items()]
        self.fields["rule"].choices = [("", _("All rules")), *titles]  # type: ignore[attr-defined]


class AssignCaseForm(forms.Form):
    to = forms.UUIDField(
        error_messages={"required": _("Assign to: please choose an auditor.")},
    )


class NoteCaseForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Note: please write something.")},
    )


class CloseCaseForm(forms.Form):
    finding = forms.ChoiceField(
        label=_("Finding"),
        choices=[("", _("Please choose")), *Finding.choices],
        error_messages={"required": _("Finding: please choose one.")},
    )
    text = forms.CharField(
        label=_("Reasons for the finding"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Reasons for the finding: please write them down.")},
    )


class OwnCardForm(forms.Form):
    card_kind = forms.ChoiceField(
        label=_("Your card"),
        choices=[(kind.value, kind.label) for kind in (CardKind.NHI, CardKind.CITIZEN)],
        widget=forms.RadioSelect,
        initial=CardKind.NHI,
        error_messages={"required": _("Your card: please choose one.")},
    )
