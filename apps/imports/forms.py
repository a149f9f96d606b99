"""The form that a file comes in with."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.imports.kinds import all_kinds
from apps.imports.terms import ErrorMode


class UploadForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind of file"),
        error_messages={
            "required": _("Please choose the kind of file."),
            "invalid_choice": _("Please choose the kind of file."),
        },
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in UTF-8 or Big5; the first line names the columns."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={
            "required": _("Please choose a file."),
            "missing": _("Please choose a file."),
            "invalid": _("Please choose a file."),
            "empty": _("The file is empty."),
        },
    )
    mode = forms.ChoiceField(
        label=_("If lines are wrong"),
        choices=ErrorMode.choices,
        initial=ErrorMode.ALL,
        widget=forms.RadioSelect,
    )
    publish_at_once = forms.BooleanField(
        label=_("Publish at once when the check has passed"),
        help_text=_("Otherwise you see the result of the check first and decide then."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.name, kind.label) for kind in all_kinds()]
        self.fields["kind"].choices = [("", "—"), *kinds]  # type: ignore[attr-defined]
