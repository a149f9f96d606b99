"""Security modules and workstations in the back office: to look at."""

from django.contrib import admin

from apps.core.backoffice import OperatorAdmin
from apps.workstations.models import SecurityModule, Workstation


@admin.register(SecurityModule)
class SecurityModuleAdmin(OperatorAdmin):
    """Applied for, downloaded, in use or revoked; the token is kept as a digest and not shown."""

    list_display = [
        *("module_code", "institution", "name", "state", "applied_at", "expires_at", "used_at"),
    ]
    list_filter = ["state"]
    list_select_related = ["institution"]
    search_fields = ["=module_code", "=institution__code", "institution__name"]
    fields = [
        *("institution", "module_code", "name", "state", "applied_by", "applied_at"),
        *("expires_at", "used_at", "workstation"),
    ]
    readonly_fields = ["applied_at"]


@admin.register(Workstation)
class WorkstationAdmin(OperatorAdmin):
    """Computers with an agent, when they were last seen and with which version."""

    list_display = [
        *("module_code", "institution", "name", "state", "agent_version", "last_seen_at"),
    ]
    list_filter = ["state", "agent_version"]
    list_select_related = ["institution"]
    search_fields = ["=module_code", "=institution__code", "institution__name", "name"]
