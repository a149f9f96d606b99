"""Who may read over FHIR. A bearer token says who asks, never a cookie."""

from dataclasses import dataclass

from apps.access.http import GuardedRequest
from apps.access.institutional import institution_may
from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.core.errors import Denied
from apps.workstations.tokens import TokenNeeded, read_token

SERVICE = "FHIR"


def _bearer(request: GuardedRequest) -> Actor:
    """Who the token says it is; raises TokenNeeded and TokenRefused."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenNeeded(reason="no_token")
    return read_token(token.strip(), by=request.actor)


@dataclass(frozen=True)
class ReadsForInstitution:
    """Programs at an enrolled workstation of an institution that is entitled to FHIR."""

    service: str = SERVICE
    open: bool = True  # no login page: the token is asked

    def admit(self, request: GuardedRequest) -> None:
        request.actor = actor = _bearer(request)
        if actor.person is not None:
            raise Denied(reason="not_a_workstation")
        request.decision = decision = institution_may(
            institution=actor.institution, service=self.service, address=actor.ip
        )
        if not decision.permit:
            raise Denied(reason=decision.reason)


@dataclass(frozen=True)
class ReadsForAuditor:
    """Programs of an auditor, for as long as the session lives."""

    service: str = ""
    open: bool = True

    def admit(self, request: GuardedRequest) -> None:
        request.actor = actor = _bearer(request)
        if actor.role != SessionRole.AUDITOR:
            raise Denied(reason="not_auditor")
