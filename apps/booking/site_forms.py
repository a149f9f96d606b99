"""Forms of the site's manager and of the day at the site. Shapes only; services decide."""

import re
import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.booking.forms import check_phone, describe_slot, phone_field
from apps.booking.models import Booking, Slot
from apps.booking.patterns import Pattern, public_holidays, this_week
from apps.booking.services import Request, Shown
from apps.core import clock
from apps.immunizations.services import Dose

LONGEST_SPAN = timedelta(days=92)
MOST_PLACES = 1000
WEEKDAYS = [
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
]


def day_field(**options: Any) -> forms.DateField:
    """A day, picked from the browser's calendar or typed as 2026-11-21."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, **options)


def needed(message: Promise) -> dict[str, Any]:
    """What a field says that was left empty or holds no day, hour or number: the summary on top shows
    it alone, so it names the field.
    """
    wrong = ("required", "invalid", "min_value", "max_value")
    return {"error_messages": dict.fromkeys(wrong, message)}


def time_field(**options: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(widget=widget, **options)


class PublishForm(forms.Form):
    """A weekly pattern with its exceptions (FEATURES C2)."""

    first_day = day_field(label=_("First day"), **needed(_("Please enter the first day.")))
    last_day = day_field(label=_("Last day"), **needed(_("Please enter the last day.")))
    weekdays = forms.MultipleChoiceField(
        label=_("Days of the week"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        initial=["0", "1", "2", "3", "4"],
        **needed(_("Please tick at least one day of the week.")),
    )
    opens = time_field(
        label=_("From"), initial="09:00", **needed(_("Please enter when the site opens."))
    )
    closes = time_field(
        label=_("Until"), initial="12:00", **needed(_("Please enter when the site closes."))
    )
    minutes = forms.IntegerField(
        label=_("Minutes per slot"),
        min_value=5,
        max_value=480,
        initial=60,
        **needed(_("A slot has 5 to 480 minutes.")),
    )
    capacity = forms.IntegerField(
        label=_("Places per slot"),
        min_value=1,
        max_value=MOST_PLACES,
        initial=10,
        **needed(_("A slot has 1 to 1000 places.")),
    )
    skip_holidays = forms.BooleanField(
        label=_("Leave out Taiwan's public holidays"), required=False, initial=True
    )
    exceptions = forms.CharField(
        label=_("Other days to leave out"),
        help_text=_("Days such as 2026-12-24, separated by spaces"),
        required=False,
    )

    def clean_first_day(self) -> date:
        day: date = self.cleaned_data["first_day"]
        if day < clock.today():
            raise ValidationError(_("The first day lies in the past."), code="past")
        return day

    def clean_exceptions(self) -> frozenset[date]:
        words = re.split(r"[\s,、;]+", self.cleaned_data["exceptions"].strip())
        try:
            return frozenset(date.fromisoformat(word) for word in words if word)
        except ValueError as error:
            raise ValidationError(
                _("Please write the days to leave out as 2026-12-24, separated by spaces."),
                code="shape",
            ) from error

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self._check_span()
            self._check_hours()
        return self.cleaned_data

    def _check_span(self) -> None:
        span = self.cleaned_data["last_day"] - self.cleaned_data["first_day"]
        if not timedelta(0) <= span <= LONGEST_SPAN:
            self.add_error(
                "last_day",
                _("The last day must be on or after the first, and at most 92 days later."),
            )

    def _check_hours(self) -> None:
        """At least one slot fits between opening and closing."""
        opens, closes = self.cleaned_data["opens"], self.cleaned_data["closes"]
        open_for = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
        if open_for < self.cleaned_data["minutes"]:
            self.add_error("closes", _("No slot fits between these hours."))

    def as_pattern(self) -> Pattern:
        """Of a valid form, the days and hours it means."""
        data = self.cleaned_data
        first_day, last_day = data["first_day"], data["last_day"]
        off = public_holidays(first_day, last_day) if data["skip_holidays"] else frozenset()
        return Pattern(
            first_day=first_day,
            last_day=last_day,
            weekdays=frozenset(int(each) for each in data["weekdays"]),
            opens=data["opens"],
            closes=data["closes"],
            minutes=data["minutes"],
            capacity=data["capacity"],
            without=data["exceptions"] | off,
        )


class SlotForm(forms.Form):
    """One slot's capacity, and whether it is closed; both as well as they were when it was shown."""

    capacity = forms.IntegerField(
        label=_("Places"),
        min_value=0,
        max_value=MOST_PLACES,
        **needed(_("A slot has 0 to 1000 places.")),
    )
    closed = forms.BooleanField(label=_("Closed for further bookings"), required=False)
    shown_capacity = forms.IntegerField(widget=forms.HiddenInput, required=False)
    shown_closed = forms.BooleanField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, slot: Slot) -> "SlotForm":
        now = {"capacity": slot.capacity, "closed": slot.closed}
        return cls(initial=now | {f"shown_{name}": value for name, value in now.items()})

    def shown(self) -> Shown | None:
        """Of a valid form, what somebody saw who filled it in; None for a program that saw nothing."""
        capacity = self.cleaned_data["shown_capacity"]
        return None if capacity is None else Shown(capacity, self.cleaned_data["shown_closed"])


class RelieveForm(forms.Form):
    """Whom of a slot to move where; without another slot they are called off."""

    people = forms.MultipleChoiceField(
        label=_("Who"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please tick at least one person.")},
    )
    to = forms.ChoiceField(label=_("Move to"), required=False)

    def show(self, people: list[Booking], slots: list[Slot]) -> "RelieveForm":
        """Lists the people of the slot and the other slots of the site."""
        named = [(str(each.pk), _person_label(each)) for each in people]
        self.fields["people"].choices = named  # type: ignore[attr-defined]
        others = [(str(slot.pk), _other_label(slot)) for slot in slots]
        nowhere = [("", _("nowhere: cancel, first on the waiting list"))]
        self.fields["to"].choices = others + nowhere  # type: ignore[attr-defined]
        # Nobody is called off because nothing was chosen.
        self.initial.setdefault("to", others[0][0] if others else "")
        return self


def _other_label(slot: Slot) -> str:
    values = {"times": describe_slot(slot), "left": slot.left}
    return gettext("%(times)s, %(left)d left") % values


def _person_label(booking: Booking) -> str:
    return f"{booking.full_number} {booking.masked_id} {booking.name}"


class MonthForm(forms.Form):
    """A month, named by any of its days; the present one without."""

    month = day_field(required=False, label=_("Month of"))

    def clean_month(self) -> date:
        day: date | None = self.cleaned_data["month"]
        return (day or clock.today()).replace(day=1)


class DayForm(forms.Form):
    """A day; today without. `only` is the running number of the one booking to show."""

    day = day_field(required=False, label=_("Day"))
    only = forms.IntegerField(
        required=False, min_value=1, max_value=10**18, widget=forms.HiddenInput
    )

    def clean_day(self) -> date:
        day: date | None = self.cleaned_data["day"]
        return day or clock.today()


class NumberForm(forms.Form):
    """A booking number, typed or scanned from the slip."""

    number = forms.CharField(
        label=_("Booking number"),
        max_length=40,
        help_text=_("Scan the slip's QR code or type the number."),
        # One after the other is scanned; an error in the summary above takes the focus before this.
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("Please scan or type the booking number.")},
    )


class DoseForm(forms.Form):
    """The dose that is given (FEATURES C14)."""

    brand = forms.CharField(
        label=_("Brand"), max_length=20, **needed(_("Please enter the brand on the vial."))
    )
    lot = forms.CharField(
        label=_("Lot"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        **needed(_("Please enter the lot on the vial.")),
    )
    lot_expires_on = day_field(
        label=_("Lot expires on"), **needed(_("Please enter until when the lot may be used."))
    )
    dose_number = forms.IntegerField(
        label=_("Dose"),
        min_value=1,
        max_value=99,
        **needed(_("Please enter which dose it is, from 1 to 99.")),
    )
    giver = forms.CharField(
        label=_("Given by"), max_length=40, **needed(_("Please enter who gave the dose."))
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and "lot" not in self.initial:
            self.fields["lot"].widget.attrs["autofocus"] = True

    def as_dose(self) -> Dose:
        """Of a valid form, what the service records."""
        return Dose(**self.cleaned_data)


class WalkInForm(forms.Form):
    """Somebody without a booking takes a place of today."""

    phone = phone_field()
    slot = forms.UUIDField(
        label=_("Time slot"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose the time slot.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_phone(self) -> str:
        return check_phone(self.cleaned_data["phone"])

    def show(self, slots: list[Slot]) -> "WalkInForm":
        """Lists the slots, the first one chosen."""
        options = [(str(slot.pk), f"{describe_slot(slot)} {slot.site.label}") for slot in slots]
        self.fields["slot"].widget.choices = options
        self.initial.setdefault("slot", options[0][0] if options else None)
        if not self.errors:  # else the focus belongs to the error summary
            self.fields["phone"].widget.attrs["autofocus"] = True
        return self

    def as_request(self) -> Request:
        """Of a valid form, what the service is asked for."""
        data = self.cleaned_data
        return Request(slot=data["slot"], phone=data["phone"], key=data["key"])


class OnPageOfDay(forms.Form):
    """Beside two other forms that have a day: each needs ids of its own."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"id_{type(self).__name__.lower()}_%s", **kwargs)


class MoveDayForm(OnPageOfDay):
    """A whole day goes to another one (FEATURES C16)."""

    day = forms.DateField(widget=forms.HiddenInput)
    to = day_field(
        label=_("Move everybody to"), error_messages={"required": _("Please choose the new day.")}
    )

    def clean(self) -> dict[str, Any]:
        """The new day lies ahead and is another one."""
        day, to = self.cleaned_data.get("day"), self.cleaned_data.get("to")
        if to and (to == day or to <= clock.today()):
            self.add_error("to", _("Please choose another day that lies ahead."))
        return self.cleaned_data


class CancelDayForm(OnPageOfDay):
    """A whole day falls away."""

    day = forms.DateField(widget=forms.HiddenInput)
    sure = forms.BooleanField(
        label=_("Cancel all bookings of this day"),
        error_messages={"required": _("Please confirm that all bookings are to be cancelled.")},
    )


class WeekForm(forms.Form):
    """A week, named by any of its days; the present one without."""

    week = day_field(required=False, label=_("Week of"))

    def clean_week(self) -> date:
        day: date | None = self.cleaned_data["week"]
        return day - timedelta(days=day.weekday()) if day else this_week()


class CopyForm(forms.Form):
    """Which week is copied to which."""

    week = forms.DateField(widget=forms.HiddenInput)
    to = day_field(
        label=_("Copy to the week of"), **needed(_("Please choose the week to copy to."))
    )

    def clean(self) -> dict[str, Any]:
        """Both as Mondays; only a later week, not of the past."""
        if not self.errors:
            for name in ("week", "to"):
                day = self.cleaned_data[name]
                self.cleaned_data[name] = day - timedelta(days=day.weekday())
            if self.cleaned_data["to"] <= max(self.cleaned_data["week"], this_week()):
                self.add_error("to", _("Please choose a later week."))
        return self.cleaned_data


class CloseForm(forms.Form):
    """From when on a day is closed early."""

    day = day_field(label=_("Day"), **needed(_("Please enter the day to close.")))
    since = time_field(
        label=_("Closed from"), **needed(_("Please enter from when the day is closed."))
    )
