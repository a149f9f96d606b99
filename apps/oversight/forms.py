"""What auditors and managers filter the list by."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.audit.terms import Action, Outcome


class OwnLogForm(forms.Form):
    """What managers filter their institution's log by.

    All fields are optional; an unknown value is an error, never an unfiltered list.
    """

    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("All actions")), *Action.choices]
    )
    outcome = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All results")), *Outcome.choices]
    )


class SearchLogForm(OwnLogForm):
    """Auditors choose the institution too."""

    institution = forms.RegexField(
        label=_("Institution code"),
        regex=r"^[0-9]{10}$",
        required=False,
        error_messages={"invalid": _("An institution code has ten digits.")},
    )
