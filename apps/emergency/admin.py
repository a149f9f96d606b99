"""Operators switch tabs and who sees them (FEATURES A8)."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.access.reviewing import ReviewedAdmin
from apps.access.terms import Profession
from apps.access.widgets import Ticks
from apps.emergency import effects as effects  # registers what a change would do
from apps.emergency.models import EmergencyText, TabSwitch


class TabSwitchForm(forms.ModelForm):
    professions = forms.MultipleChoiceField(
        label=_("professions"),
        choices=Profession.choices,
        required=False,
        help_text=_("Nothing ticked: everybody who may query."),
        widget=Ticks(_("professions")),
    )

    class Meta:
        model = TabSwitch
        fields = ["enabled", "professions"]


@admin.register(TabSwitch)
class TabSwitchAdmin(ReviewedAdmin):
    """A change is drafted; a second operator publishes it (A14)."""

    addable = removable = False
    form = TabSwitchForm
    fields = ["tab", "label", "enabled", "professions"]
    readonly_fields = ["tab", "label"]
    list_display = ["tab", "label", "enabled", "shown_to"]

    @admin.display(description=_("tab"))
    def label(self, switch: TabSwitch) -> str:
        return switch.title_of(switch.tab)

    @admin.display(description=_("professions"))
    def shown_to(self, switch: TabSwitch) -> str:
        return "、".join(str(Profession(code).label) for code in switch.professions)


@admin.register(EmergencyText)
class EmergencyTextAdmin(ReviewedAdmin):
    """Which texts there are, the pages say; their words and where these come from, the operators (A14)."""

    addable = removable = False
    fields = ["code", "place", "text", "text_en", "ours", "origin"]
    readonly_fields = ["code", "place"]
    list_display = ["text", "place", "ours", "origin"]
    list_filter = ["place", "ours"]
    search_fields = ["text", "text_en"]
