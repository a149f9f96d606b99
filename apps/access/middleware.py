"""What a view's policy asks along with the session (DESIGN section 4)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from apps.access.guards import Uses
from apps.accounts.http import PersonRequest


class DecisionMiddleware:
    """Before PersonMiddleware loads the session: the decision of `Uses` comes in the same statement, and
    what the view itself asks along.
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
    ) -> None:
        policy = getattr(view, "policy", None)
        if isinstance(policy, Uses):
            policy.ask_along(request)
        if ask_along := getattr(view, "ask_along", None):
            ask_along(request, *arguments, **names)
