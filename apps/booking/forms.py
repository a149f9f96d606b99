"""The booking form of manual 1 (二、登錄預約).

It checks shapes only; whether the place is free, the database says at booking.
"""

import re
import unicodedata
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.booking.choices import Choices, Wish
from apps.booking.models import Site, Slot
from apps.booking.services import Change, Request
from apps.core import clock
from apps.core.templatetags.ankang import ad_date, clock_times, weekday

MOBILE = re.compile(r"09[0-9]{8}")
# More than this as radio buttons would push the form below one screen of 768 pixels.
MOST_RADIOS = 10
PLACE_FIELDS = ("city", "district", "site", "date")


def phone_field() -> forms.CharField:
    return forms.CharField(
        label=_("Mobile phone"),
        help_text=_("10 digits, for example 0912345678"),
        error_messages={"required": _("Please enter the mobile phone number.")},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 20}
        ),
    )


def check_phone(value: str) -> str:
    """The ten digits; spaces and hyphens are forgiven. Raises ValidationError."""
    if unicodedata.normalize("NFKC", value) != value:
        raise ValidationError(
            _("Please type the mobile phone number in half-width digits."), code="full_width"
        )
    value = value.replace(" ", "").replace("-", "")
    if not MOBILE.fullmatch(value):
        raise ValidationError(
            _("The mobile phone number must be 10 digits beginning with 09."), code="shape"
        )
    return value


class Shared(dict[str, forms.Field]):
    """Fields of a form that is only checked, never shown: nobody fills their lists, so each request
    does without a copy of its own.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> "Shared":
        return self


class BookingForm(forms.Form):
    """One citizen's booking. `offered` names the place and day whose slots are listed.

    The lists are fresh at each showing and cost two statements, so a complete form is checked
    without them.
    """

    phone = phone_field()
    city = forms.CharField(
        label=_("City or county"),
        error_messages={"required": _("Please choose the city or county.")},
        widget=forms.Select,
    )
    district = forms.CharField(
        label=_("District"),
        error_messages={"required": _("Please choose the district.")},
        widget=forms.Select,
    )
    site = forms.UUIDField(
        label=_("Vaccination site"),
        error_messages={
            "required": _("Please choose the vaccination site."),
            "invalid": _("Please choose the vaccination site."),
        },
        widget=forms.Select,
    )
    date = forms.DateField(
        label=_("Vaccination date"),
        error_messages={
            "required": _("Please choose the date."),
            "invalid": _("Please choose the date."),
        },
        widget=forms.RadioSelect,
    )
    slot = forms.UUIDField(
        label=_("Time slot"),
        error_messages={
            "required": _("Please choose the time slot."),
            "invalid": _("Please choose the time slot."),
        },
        widget=forms.RadioSelect,
    )
    consent = forms.BooleanField(
        label=_("The citizen has read and agrees to the privacy notice (Alt+C)"),
        # From the phone field no Tab is needed: ten digits, Alt+C, Enter.
        widget=forms.CheckboxInput(attrs={"aria-keyshortcuts": "Alt+C"}),
        error_messages={
            "required": _("Please confirm that the citizen has read and agrees to the notice.")
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    offered = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_phone(self) -> str:
        return check_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        """A slot counts only for the place it was listed under.

        Without JavaScript, or quicker than the network, somebody changes the site and sends the
        slot of the former one.
        """
        if not self.errors and self.cleaned_data["offered"] != self.place():
            self.add_error(
                "slot", _("The place or date was changed. Please choose the time slot again.")
            )
        return self.cleaned_data

    def place(self) -> str:
        """City, district, site and day as they were sent, in one word to compare."""
        return "|".join(str(self.data.get(name, "")) for name in PLACE_FIELDS)

    def wish(self) -> Wish:
        """What was chosen so far, as it was sent; the offer keeps of it what is possible."""
        return Wish(**{name: str(self.data.get(name, "")) for name in (*PLACE_FIELDS, "slot")})

    def kept(self) -> dict[str, str]:
        """What was typed besides the place, for the form that is shown next."""
        typed = {name: str(self.data.get(name, "")) for name in ("phone", "consent", "key")}
        return {name: value for name, value in typed.items() if value}

    def as_request(self) -> Request:
        """Of a valid form, what the service is asked for."""
        data = self.cleaned_data
        return Request(slot=data["slot"], phone=data["phone"], key=data["key"])

    def show(self, choices: Choices) -> "BookingForm":
        """Fills the lists and selects what is still possible of the wish."""
        widgets = {name: field.widget for name, field in self.fields.items()}
        widgets["city"].choices = choices.cities
        widgets["district"].choices = choices.districts
        widgets["site"].choices = [(str(site.pk), _site_label(site)) for site in choices.sites]
        self._list("date", [(day.isoformat(), _day_label(day, left)) for day, left in choices.days])
        self._list("slot", [(str(slot.pk), _slot_label(slot)) for slot in choices.slots])
        wish = choices.wish
        chosen = {name: getattr(wish, name) for name in (*PLACE_FIELDS, "slot")}
        chosen["offered"] = "|".join(chosen[name] for name in PLACE_FIELDS)
        if self.is_bound:
            self.data = {**{name: self.data[name] for name in self.data}, **chosen}
        self.initial = {**self.initial, **chosen}
        if not self.errors:  # else the focus belongs to the error summary
            first_empty = "consent" if self["phone"].value() else "phone"
            widgets.get(first_empty, widgets["phone"]).attrs["autofocus"] = True
        return self

    def _list(self, name: str, options: list[tuple[str, str]]) -> None:
        if len(options) > MOST_RADIOS:
            self.fields[name].widget = forms.Select()
        self.fields[name].widget.choices = options


class PostedBooking(BookingForm):
    """The form as it came back, to be checked; a BookingForm of the same data is what is shown."""


# After the metaclass has collected them.
PostedBooking.base_fields = Shared(PostedBooking.base_fields)


class ChangeForm(BookingForm):
    """Another phone number, site or time for a booking (FEATURES C8)."""

    consent = None  # type: ignore[assignment]  # was given when it was booked
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def kept(self) -> dict[str, str]:
        """With the revision that the form was first shown with."""
        return super().kept() | {"revision": str(self.data.get("revision", ""))}

    def as_change(self) -> Change:
        """Of a valid form, what the service is asked for."""
        data = self.cleaned_data
        return Change(
            slot=data["slot"], phone=data["phone"], key=data["key"], revision=data["revision"]
        )


class CancelForm(forms.Form):
    """The confirmation that a booking is to be cancelled, as it was shown."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


def _site_label(site: Site) -> str:
    return gettext("%(site)s (%(address)s), %(left)d left") % {
        "site": site.label,
        "address": site.institution.full_address,
        "left": site.left,  # type: ignore[attr-defined]  # annotated by offer_choices
    }


def _day_label(day: Any, left: int) -> str:
    values = {"day": ad_date(day), "weekday": weekday(day), "left": left}
    return gettext("%(day)s (%(weekday)s), %(left)d left") % values


def _slot_label(slot: Slot) -> str:
    values = {"times": clock_times(slot), "left": slot.left}
    return gettext("%(times)s, %(left)d left") % values


def describe_slot(slot: Slot) -> str:
    """`2021/07/02（五）10:00~11:00`, for the button that takes it."""
    day = clock.day_of(slot.begins_at)
    values = {"day": ad_date(day), "weekday": weekday(day), "times": clock_times(slot)}
    return gettext("%(day)s (%(weekday)s) %(times)s") % values
