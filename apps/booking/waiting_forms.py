"""The form of somebody who joins a waiting list. Shapes only; services decide."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.booking.choices import Choices, Wish
from apps.booking.forms import BookingForm, check_phone, phone_field
from apps.booking.models import Site
from apps.booking.services import Hope
from apps.booking.site_forms import day_field
from apps.core import clock

PLACE = ("city", "district", "site")
LONGEST_WAIT = timedelta(days=92)


class JoinForm(forms.Form):
    """Which site, and from which day to which."""

    phone = phone_field()
    city = BookingForm.base_fields["city"]
    district = BookingForm.base_fields["district"]
    site = BookingForm.base_fields["site"]
    anywhere = forms.BooleanField(
        label=_("Any site of this district will do"), required=False, initial=False
    )
    first_day = day_field(
        label=_("First day"), error_messages={"required": _("Please enter the first day.")}
    )
    last_day = day_field(
        label=_("Last day"), error_messages={"required": _("Please enter the last day.")}
    )
    consent = BookingForm.base_fields["consent"]

    def clean_phone(self) -> str:
        return check_phone(self.cleaned_data["phone"])

    def clean_first_day(self) -> date:
        day: date = self.cleaned_data["first_day"]
        if day < clock.today():
            raise ValidationError(_("The first day lies in the past."), code="past")
        return day

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and not first <= last <= first + LONGEST_WAIT:
            self.add_error(
                "last_day",
                _("The last day must be on or after the first, and at most 92 days later."),
            )
        return self.cleaned_data

    def wish(self) -> Wish:
        """The place as it was sent; the offer keeps of it what is possible."""
        return Wish(**{name: str(self.data.get(name, "")) for name in PLACE})

    def kept(self) -> dict[str, str]:
        """What was typed besides the place, for the form that is shown next."""
        names = ("phone", "anywhere", "first_day", "last_day", "consent")
        return {name: value for name in names if (value := str(self.data.get(name, "")))}

    def as_hope(self) -> Hope:
        """Of a valid form, what the service is asked for."""
        data = self.cleaned_data
        return Hope(
            site=data["site"],
            phone=data["phone"],
            first_day=data["first_day"],
            last_day=data["last_day"],
            anywhere=data["anywhere"],
        )

    def show(self, choices: Choices) -> "JoinForm":
        """Fills the lists and selects what is still possible of the wish."""
        sites = [(str(site.pk), _site_label(site)) for site in choices.sites]
        lists = {"city": choices.cities, "district": choices.districts, "site": sites}
        chosen = {name: getattr(choices.wish, name) for name in PLACE}
        for name, options in lists.items():
            self.fields[name].widget.choices = options
        if self.is_bound:
            self.data = {**{name: self.data[name] for name in self.data}, **chosen}
        self.initial = {**self.initial, **chosen}
        if not self.errors:  # else the focus belongs to the error summary
            self.fields["phone"].widget.attrs["autofocus"] = True
        return self


def _site_label(site: Site) -> str:
    return gettext("%(site)s (%(address)s), %(waiting)d waiting") % {
        "site": site.label,
        "address": site.institution.full_address,
        "waiting": site.waiting,  # type: ignore[attr-defined]  # annotated by offer_sites
    }
