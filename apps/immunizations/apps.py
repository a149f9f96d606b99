from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImmunizationsConfig(AppConfig):
    name = "apps.immunizations"
    verbose_name = _("Vaccination records")
