"""Operators set how many patients one person may ask about; a second operator publishes it (A14)."""

from django.contrib import admin

from apps.access.reviewing import ReviewedAdmin
from apps.queries import effects as effects  # registers what a change would do
from apps.queries.models import QueryLimit


@admin.register(QueryLimit)
class QueryLimitAdmin(ReviewedAdmin):
    addable = removable = False
    fields = ["patients", "minutes"]
    list_display = ["__str__", "patients", "minutes"]
