"""What operators set about a revocation list: where it lies and how old it may be."""

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.cards.models import RevocationList

HOUR = timedelta(hours=1)


class HoursField(forms.IntegerField):
    """A length of time, typed in full hours."""

    def prepare_value(self, value: Any) -> Any:
        return value // HOUR if isinstance(value, timedelta) else value

    def clean(self, value: Any) -> timedelta:
        return HOUR * int(super().clean(value))


class RevocationListForm(forms.ModelForm):
    """The limits of both lengths are the record's own."""

    max_age = HoursField(label=_("longest age, in hours"), min_value=0, max_value=100_000)
    grace = HoursField(label=_("grace, in hours"), min_value=0, max_value=100_000)

    class Meta:
        model = RevocationList
        fields = ("address", "max_age", "grace")

    def clean_address(self) -> str:
        """Something that can be fetched at all; whether the list is genuine, its signature says."""
        address: str = self.cleaned_data["address"].strip()
        if not (_is_web_address(address) or PurePosixPath(address).is_absolute()):
            raise ValidationError(
                _("Please enter an http or https address, or the full path of a file.")
            )
        return address


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
