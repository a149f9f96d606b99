"""What a representative says of a new module."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ApplyModuleForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the computer"),
        max_length=60,
        help_text=_("For example: dispensing counter 1"),
        error_messages={"required": _("Please give the computer a name.")},
    )
