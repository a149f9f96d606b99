from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmergencyConfig(AppConfig):
    name = "apps.emergency"
    verbose_name = _("Emergency medical query")

    def ready(self) -> None:
        from apps.access.purposes import asks_for_purpose
        from apps.emergency.registry import load_tabs
        from apps.emergency.terms import SERVICE, Purpose

        load_tabs()
        asks_for_purpose(SERVICE, Purpose)
