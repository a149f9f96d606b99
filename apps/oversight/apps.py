from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "apps.oversight"
    verbose_name = _("Oversight")

    def ready(self) -> None:
        from apps.oversight.services import comparing  # noqa: F401 (registers its alarm)
