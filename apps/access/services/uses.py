"""Uses of services that keep a card proof sliding (FEATURES B7: 30 minutes from the last query)."""

from datetime import datetime
from uuid import UUID

from apps.access.models import ServiceUse


def note_use(*, session: UUID, service: str, at: datetime) -> None:
    """The session used the service, with a proof that still counted. One statement."""
    ServiceUse.objects.bulk_create(
        [ServiceUse(session_id=session, service_id=service, used_at=at)],
        update_conflicts=True,
        unique_fields=["session_id", "service"],
        update_fields=["used_at"],
    )


def forget_uses(*, before: datetime) -> None:
    """Removes what no proof depends on any more."""
    ServiceUse.objects.filter(used_at__lte=before).delete()
