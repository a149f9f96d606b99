"""Which card somebody logs in with."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import CardKind

LOGIN_CARDS = (CardKind.HPC, CardKind.CITIZEN)


class LogInForm(forms.Form):
    card_kind = forms.ChoiceField(
        label=_("Card"),
        choices=[(kind.value, kind.label) for kind in LOGIN_CARDS],
        initial=CardKind.HPC,
        widget=forms.RadioSelect,
    )
