"""The thresholds of the review queue and the days of retention: drafted by one operator, published by
another (FEATURES A14). What is flagged they do not see.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.access.reviewing import ReviewedAdmin
from apps.oversight import effects as effects  # registers what a change would do
from apps.oversight import rules
from apps.oversight.models import RetentionRule, ReviewRule
from apps.oversight.rules import Threshold


class ReviewRuleForm(forms.ModelForm):
    """Each threshold under the name that the rule gives it, within its limits; none where there is none."""

    class Meta:
        model = ReviewRule
        fields = ("enabled", "limit", "floor")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk not in rules.ALL:
            return
        for name in {"limit", "floor"} & set(self.fields):
            threshold = self.instance.thresholds.get(name)
            if threshold is None:
                del self.fields[name]
            else:
                self.fields[name] = _field(threshold)


def _field(threshold: Threshold) -> forms.IntegerField:
    return forms.IntegerField(
        label=str(threshold.name), min_value=threshold.lowest, max_value=threshold.highest
    )


@admin.register(ReviewRule)
class ReviewRuleAdmin(ReviewedAdmin):
    """Which rules there are, the version says; how strict they are, the operators."""

    form = ReviewRuleForm
    list_display = ["__str__", "code", "enabled", "limit", "floor", "looked_until"]
    readonly_fields = ["code", "looked_until"]
    addable = removable = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        rule = rules.ALL.get(obj.pk) if obj else None
        kept = [name for name in ("limit", "floor") if rule is None or getattr(rule, name)]
        return ["code", "enabled", *kept, "looked_until"]


class RetentionRuleForm(forms.ModelForm):
    """Days within the limits of the rule."""

    class Meta:
        model = RetentionRule
        fields = ("enabled", "days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance.kept
        if rule is not None and "days" in self.fields:
            self.fields["days"] = forms.IntegerField(
                label=_("days"), min_value=rule.lowest, max_value=rule.highest
            )


@admin.register(RetentionRule)
class RetentionRuleAdmin(ReviewedAdmin):
    """How long what is kept; what there is to keep, the version says."""

    form = RetentionRuleForm
    list_display = ["code", "__str__", "enabled", "days"]
    fields = ["code", "enabled", "days"]
    readonly_fields = ["code"]
    addable = removable = False
