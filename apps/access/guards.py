"""Every view declares its policy with @guard; a system check refuses to start when a route has none.

A policy either admits the request or raises a refusal. The guard is also the one place where
refusals are recorded: a Denied has left its service's transaction by then, so the event stands even
though nothing else does (DESIGN section 5).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Protocol

from django.conf import settings
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.access.http import GuardedRequest
from apps.access.policies import (
    ALONG_WITH_SESSION,
    Decision,
    decide,
    decision_of,
    manages,
    represents,
)
from apps.access.terms import Reason
from apps.accounts.http import PersonRequest
from apps.accounts.terms import SessionRole
from apps.audit.lag import require_sealing
from apps.audit.services import LogUnavailable, event, record
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.core.addresses import client_address
from apps.core.errors import Denied, NotFound, Refusal

View = Callable[..., HttpResponseBase]
Door = Callable[..., HttpResponse | None]


class Policy(Protocol):
    """`admit` returns for those who may, and raises a Refusal for others."""

    @property
    def service(self) -> str: ...

    @property
    def open(self) -> bool: ...

    def admit(self, request: GuardedRequest) -> None: ...


@dataclass(frozen=True)
class Open:
    """Everybody, also without logging in."""

    service: str = ""
    open: bool = True

    def admit(self, request: GuardedRequest) -> None:
        return None


@dataclass(frozen=True)
class SignedIn:
    """Everybody who logged in with a card; LoginRequiredMiddleware sends visitors to the login page."""

    service: str = ""
    open: bool = False

    def admit(self, request: GuardedRequest) -> None:
        return None


@dataclass(frozen=True)
class Holds:
    """Sessions of one role: operators, auditors, representatives."""

    role: SessionRole
    service: str = ""
    open: bool = False

    def admit(self, request: GuardedRequest) -> None:
        if request.actor.role != self.role:
            raise Denied(reason=f"not_{self.role.lower()}")


@dataclass(frozen=True)
class Represents:
    """Sessions of the card of an active institution (manual 1: 機構代表)."""

    service: str = ""
    open: bool = False

    def admit(self, request: GuardedRequest) -> None:
        standing = represents(session=request.actor.session)
        if not standing.permit:
            raise Denied(reason=standing.reason)


@dataclass(frozen=True)
class Manages:
    """Staff who are managers of the institution of their session (manual 1: 機構管理者)."""

    service: str = ""
    open: bool = False

    def admit(self, request: GuardedRequest) -> None:
        standing = manages(session=request.actor.session)
        if not standing.permit:
            raise Denied(
                reason=standing.reason,
                way_on=_(
                    "Only managers of an institution can use this; a representative appoints."
                ),
            )
        request.manages = True


@dataclass(frozen=True)
class Uses:
    """Those whom decide() permits the service.

    The decision stays on the request for the event that follows. Pages on the way to a query, which
    asks for the card itself, are not `fresh`: a proof that is too old does not keep anybody out.
    `instead` is another service that opens the page as well; the decision says which of them did.
    """

    service: str
    fresh: bool = True
    instead: str = ""
    open: bool = False

    def ask_along(self, request: PersonRequest) -> None:
        """Before the session is loaded: the decision comes with it."""
        address, today = client_address(request), clock.today()
        request.session.ask_along(
            ALONG_WITH_SESSION, service=self.service, address=address, today=today
        )

    def admit(self, request: GuardedRequest) -> None:
        decision = self._decide(request)
        if self.instead and not decision.permit:
            other = decide(
                session=request.actor.session, service=self.instead, address=request.actor.ip
            )
            decision = other if other.permit else decision
        request.decision = decision
        excused = not self.fresh and decision.reason == Reason.PROOF_TOO_OLD
        if not decision.permit and not excused:
            raise _refusal(decision.reason, self.service)

    def _decide(self, request: GuardedRequest) -> Decision:
        told, actor = request.session.told(ALONG_WITH_SESSION), request.actor
        if told and told[0] == self.service:
            return decision_of(told)
        return decide(session=actor.session, service=self.service, address=actor.ip)


@dataclass(frozen=True)
class Appoints:
    """Representatives and managers: those who answer for other people of their institution."""

    service: str = ""
    open: bool = False

    def holds(self, request: GuardedRequest) -> bool:
        session = request.actor.session
        return represents(session=session).permit or manages(session=session).permit

    def admit(self, request: GuardedRequest) -> None:
        if not self.holds(request):
            raise Denied(reason="appoints_nobody")


class ProofNeeded(Denied):
    """The person can help it: the page offers to show the card again (a step-up)."""

    code = "ACC-PROOF"
    message = _("This service needs a fresh proof that it is you.")
    way_on = _("Please insert your card and show it again.")


class CardNeeded(ProofNeeded):
    code = "ACC-CARD"
    message = _("Your card was removed from the reader; this service needs it to stay there.")


class AgentOutdated(Denied):
    code = "ACC-AGENT"
    message = _("This service needs a newer card component than this login was made with.")
    way_on = _("Please install the present version of the card component and log in again.")


class FacilityMissing(Denied):
    """Told, because it is a fact of the public register that the institution can have corrected."""

    code = "ACC-FACILITY"
    message = _(
        "This service is only for institutions with an emergency department or video consultation."
    )
    way_on = _("If your institution has one, please ask your branch to correct the register.")


class PurposeClosed(Denied):
    """Told, because the person chooses the purpose: it was open, or the form was not ours."""

    code = "ACC-PURPOSE"
    message = _("The service is not open for this purpose at present.")
    way_on = _("Please begin a new query, whose page shows the purposes that are open.")


def _refusal(reason: Reason, service: str) -> Denied:
    """The person learns what helps; which condition failed stays in the log (FEATURES A10)."""
    helped = {Reason.PROOF_TOO_OLD: ProofNeeded, Reason.CARD_REMOVED: CardNeeded}.get(reason)
    if helped is not None:
        return helped(reason=reason, detail={"step_up": service})
    if reason == Reason.AGENT_TOO_OLD:
        return AgentOutdated(reason=reason)
    if reason == Reason.WRONG_FACILITY:
        return FacilityMissing(reason=reason)
    return Denied(reason=reason, code="ACC-403")


def guard(
    policy: Policy,
    action: Action = Action.OPEN_PAGE,
    *,
    at_the_door: Door | None = None,
) -> Callable[[View], View]:
    """Admits by `policy`; a refusal of the policy or of the view is recorded as a refused `action`.

    `at_the_door` is called for a form as the view is, but before the session is loaded, and answers
    those for whom the view has no more to say (middleware.DoorMiddleware). It stands before the policy,
    so it has to ask for the policy's decision in its own statement (SessionStore.answer), and the event
    has to stand before it answers.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: GuardedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                policy.admit(request)
                if policy.service:
                    _check_seal(request, policy.service)
                return view(request, *args, **kwargs)
            except Refusal as refusal:
                record_refusal(request, refusal, action=action, service=policy.service)
                raise

        guarded.policy = policy  # type: ignore[attr-defined]
        guarded.at_the_door = at_the_door  # type: ignore[attr-defined]
        guarded.login_required = not policy.open  # type: ignore[attr-defined]
        return guarded

    return decorate


def _check_seal(request: GuardedRequest, service: str) -> None:
    """Services on patients' data stop when sealing has stood still for too long (audit.lag).

    Those of settings.SEALING_EXEMPT go on, and each of their events says that it happened so. Costs
    no trip but every ten seconds in each process.
    """
    try:
        require_sealing()
    except LogUnavailable:
        if service not in settings.SEALING_EXEMPT:
            raise
        request.actor = replace(request.actor, unsealed=True)


def record_refusal(
    request: GuardedRequest, refusal: Refusal, *, action: Action, service: str = ""
) -> None:
    """One event for one refusal, on its own, after whatever failed was rolled back. Of the `service`
    that was decided about, unless another is named.
    """
    by = request.actor
    if isinstance(refusal, NotFound) and by.person is None and by.workstation is None:
        return  # a stranger's guess at an address is no access to anything
    decision = getattr(request, "decision", None)
    record(
        event(
            action,
            by=request.actor,
            outcome=Outcome.REFUSED,
            service=service or getattr(decision, "service", ""),
            reason=str(refusal.reason),
            patient=getattr(request, "patient", None),
            entitlement_id=getattr(decision, "entitlement_id", None),
            grant_id=getattr(decision, "grant_id", None),
            detail={"code": refusal.code},
        )
    )
