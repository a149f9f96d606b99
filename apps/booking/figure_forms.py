"""What operators choose the figures by."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.booking.figures import Period, campaigns_to_show, cities_to_show
from apps.core import clock

LONGEST_DAYS = 92
SHOWN_DAYS = 7


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FiguresForm(forms.Form):
    """Without a choice: the latest campaign, the last seven days."""

    campaign = forms.ChoiceField(label=_("Campaign"))
    first_day = forms.DateField(label=_("First day"), widget=DayInput)
    last_day = forms.DateField(label=_("Last day"), widget=DayInput)
    city = forms.ChoiceField(label=_("City or county"), required=False)

    def __init__(self, data: Any) -> None:
        campaigns = [(str(each.pk), str(each)) for each in campaigns_to_show()]
        super().__init__(_completed(data, campaigns))
        self.fields["campaign"].choices = campaigns  # type: ignore[attr-defined]
        cities = [(name, name) for name in cities_to_show()]
        self.fields["city"].choices = [("", _("Whole country")), *cities]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and first > last:
            self.add_error("last_day", _("The last day is before the first."))
        elif first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("last_day", _("At most %(days)d days at once.") % {"days": LONGEST_DAYS})
        return self.cleaned_data

    def period(self) -> Period:
        return Period(**self.cleaned_data)


def _completed(data: Any, campaigns: list[tuple[str, str]]) -> dict[str, Any]:
    today: date = clock.today()
    usual = {
        "campaign": campaigns[0][0] if campaigns else "",
        "first_day": (today - timedelta(days=SHOWN_DAYS - 1)).isoformat(),
        "last_day": today.isoformat(),
        "city": "",
    }
    return {name: data.get(name, value) for name, value in usual.items()}
