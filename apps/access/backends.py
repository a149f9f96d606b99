"""`has_perm` for Django and guardian's callers, answered by decide() alone (DESIGN section 4)."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from apps.access.models import Entitlement
from apps.access.policies import decide
from apps.access.terms import USE_SERVICE


class DecideBackend(BaseBackend):
    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Only `access.use_service` on an entitlement, and only for the session that asks."""
        if perm not in {USE_SERVICE, f"access.{USE_SERVICE}"} or not isinstance(obj, Entitlement):
            return False
        decision = decide(
            session=user_obj.session_id, service=obj.service_id, address=user_obj.address
        )
        return decision.permit and decision.entitlement_id == obj.pk
