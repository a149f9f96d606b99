"""What managers look for in the log of their institution."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.access.models import Service
from apps.accounts.models import Person
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.oversight.criteria import DEFAULT_DAYS, NOBODY, Criteria
from apps.oversight.forms import LONGEST, day_field
from apps.oversight.services.own_log import find_people_here


class OwnLogForm(forms.Form):
    """Within a period, by any of these. An unknown value is an error, never an unfiltered list.

    `criteria` and `labels` are there after is_valid().
    """

    since = day_field(_("From day"), _("From day: please enter a day."))
    until = day_field(_("To day"), _("To day: please enter a day."))
    person = forms.CharField(
        label=_("User: name or national ID"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    service = forms.ChoiceField(label=_("Service"), required=False)
    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("All actions")), *Action.choices]
    )
    outcome = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All results")), *Outcome.choices]
    )

    def __init__(self, *args: Any, institution: UUID, **kwargs: Any) -> None:
        today = clock.today()
        first = today - timedelta(days=DEFAULT_DAYS)
        kwargs["initial"] = {"since": first, "until": today, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.institution = institution
        self.labels: dict[str, str] = {}
        self.namesakes: list[Person] = []
        services = [(each.code, f"{each.code} {each.label}") for each in Service.objects.all()]
        self.fields["service"].choices = [("", _("All services")), *services]  # type: ignore[attr-defined]

    def clean_person(self) -> UUID | None:
        """Somebody who belongs or belonged here; of several the one that was chosen below."""
        text = self.cleaned_data["person"].strip()
        if not text:
            return None
        found = find_people_here(text=text, institution=self.institution)
        chosen = self.data.get("person_choice")
        if len(found) > 1 and chosen:
            found = [each for each in found if str(each.pk) == chosen] or found
        if len(found) > 1:
            self.namesakes = found
            raise forms.ValidationError(
                _("User: several people have this name. Please choose one below.")
            )
        self.labels["person"] = found[0].name if found else "—"
        return found[0].pk if found else NOBODY

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until:
            self._check_period(since, until)
        return data

    def _check_period(self, since: date, until: date) -> None:
        if until < since:
            self.add_error("until", _("To day: this is before the first day."))
        elif until - since > LONGEST:
            self.add_error("since", _("From day: a search covers at most ten years."))

    def criteria(self) -> Criteria:
        names = ("since", "until", "person", "service", "action", "outcome")
        chosen = {name: self.cleaned_data[name] for name in names}
        return Criteria(institution=self.institution, **chosen)
