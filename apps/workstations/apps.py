from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkstationsConfig(AppConfig):
    name = "apps.workstations"
    verbose_name = _("Workstations")

    def ready(self) -> None:
        from apps.access.services.institutions import ends_with_institution
        from apps.workstations.services import revoke_all

        ends_with_institution(revoke_all)
