"""Forms of authorization."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseGrantForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason for closing"),
        max_length=200,
        error_messages={"required": _("Please give a reason for closing the grant.")},
    )
