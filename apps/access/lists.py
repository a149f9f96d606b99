"""The imported unified lists, as a unified authorization takes them (FEATURES A6)."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import ngettext

from apps.access.models import UnifiedListEntry
from apps.access.services.unified import Listed


@dataclass(frozen=True)
class ImportedList:
    service: str
    list_code: str
    count: int

    @property
    def key(self) -> str:
        return f"{self.service}:{self.list_code}"

    def __str__(self) -> str:
        size = ngettext("%(count)s institution", "%(count)s institutions", self.count)
        return f"{self.service} · {self.list_code} · {size % {'count': self.count}}"


def fetch_lists() -> list[ImportedList]:
    """Every list with its service and length, by service. One statement."""
    counted = (
        UnifiedListEntry.objects.values_list("service", "list_code")
        .annotate(count=Count("pk"))
        .order_by("service", "list_code")
    )
    return [ImportedList(*each) for each in counted]


def read_list(*, service: str, list_code: str) -> list[Listed]:
    """The lines of one list, by institution code. One statement."""
    entries = UnifiedListEntry.objects.filter(service=service, list_code=list_code)
    columns = ("institution__code", "responsible", "name")
    return [Listed(*each) for each in entries.order_by(columns[0]).values_list(*columns)]
