"""Retention of queries (DESIGN section 5)."""

from celery import shared_task

from apps.access.services.uses import forget_uses
from apps.core import clock
from apps.queries.models import Query
from apps.queries.terms import KEPT


@shared_task(name="queries.clear_queries")
def clear_queries() -> None:
    """Removes queries a day after they ended, and what was noted for sliding proofs."""
    before = clock.now() - KEPT
    Query.objects.filter(expires_at__lte=before).delete()
    forget_uses(before=before)
