"""What a view's policy asks along with the session, and whom it answers before (DESIGN section 4)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from apps.access.guards import Door, Uses
from apps.accounts.http import PersonRequest


class DecisionMiddleware:
    """Before PersonMiddleware loads the session: the decision of `Uses` comes in the same statement. A
    view that can answer without the session does so here, at the door.
    """

    def __init__(self, get_response: Callable[[PersonRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: PersonRequest,
        view: Callable[..., HttpResponse],
        arguments: list[Any],
        names: dict[str, Any],
    ) -> HttpResponse | None:
        policy = getattr(view, "policy", None)
        if isinstance(policy, Uses):
            policy.ask_along(request)
        at_the_door: Door | None = getattr(view, "at_the_door", None)
        return at_the_door(request, *arguments, **names) if at_the_door else None
