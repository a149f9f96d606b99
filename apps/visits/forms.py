"""What operators look up by: numbers that must not stand in an address."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LookUpInsuredForm(forms.Form):
    number = forms.CharField(
        label=_("national ID"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class LookUpSignatureForm(forms.Form):
    signature = forms.CharField(
        label=_("signature of a visit (256 characters)"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def clean_signature(self) -> str:
        """Without the line breaks that come with copying."""
        return "".join(self.cleaned_data["signature"].split())
