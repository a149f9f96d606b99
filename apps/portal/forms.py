"""Forms of the portal."""

import hashlib
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from apps.portal.models import Download
from apps.portal.urgent import TooLong, is_short

LARGEST_FILE = 20 * 1024 * 1024


class CodeForm(forms.Form):
    """A code from a refusal page."""

    code = forms.CharField(
        label=_("Refusal code"),
        max_length=40,
        error_messages={"required": _("Please enter the refusal code.")},
    )


class AnnouncementForm(forms.ModelForm):
    """What is published at once (`_urgent`) needs a last day soon."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "_urgent" in self.data and not is_short(data.get("shown_until")):
            self.add_error("shown_until", f"{TooLong.message} [{TooLong.code}]")
        return data


class DownloadForm(forms.ModelForm):
    """A file or a link. Name, size and checksum of a file are found out, not typed."""

    file = forms.FileField(label=_("file"), required=False)

    class Meta:
        model = Download
        fields = [
            *("shelf", "service", "name", "name_en", "version", "file", "address", "sha256"),
            "position",
        ]

    def clean_file(self) -> UploadedFile | None:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s."),
                params={"limit": filesizeformat(LARGEST_FILE)},
            )
        return file

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        file, address = data.get("file"), data.get("address")
        kept = self.instance.content is not None and not address
        if bool(file) + bool(address) + (kept and not file) != 1:
            raise forms.ValidationError(_("Please give either a file or a link."))
        if file:
            data["sha256"] = self._take(file)
        elif address:
            self.instance.content = self.instance.size = None
            self.instance.file_name = ""
        else:
            data["sha256"] = self.initial["sha256"]
        return data

    def _take(self, file: UploadedFile) -> str:
        content = file.read()
        self.instance.content = content
        self.instance.size = len(content)
        self.instance.file_name = PurePath(file.name or "").name[-100:]
        return hashlib.sha256(content).hexdigest()
