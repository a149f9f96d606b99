"""The tenant register in the back office."""

from django.contrib import admin

from apps.core.backoffice import OperatorAdmin
from apps.institutions.models import Institution


@admin.register(Institution)
class InstitutionAdmin(OperatorAdmin):
    list_display = ["code", "name", "kind", "district", "contracted", "status"]
    list_filter = ["kind", "status", "contracted"]
    list_select_related = ["district"]
    search_fields = ["code", "name"]
    exclude = ["responsible"]
