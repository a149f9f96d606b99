"""What stands before the views of this house: the door, and what a policy asks along (DESIGN section 4)."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, resolve

from apps.access.guards import Uses
from apps.accounts.http import PersonRequest
from apps.accounts.middleware import session_of
from apps.core.middleware import language_of

Handler = Callable[[PersonRequest], HttpResponse]


class DoorMiddleware:
    """Answers at the door those for whom a view has no more to say (guards.guard).

    Above everything that only those need who come in, for that costs more than the answer does. A form
    that is not ours goes on, and is refused where all such forms are.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.check = _CsrfCheck(cast(Any, get_response))

    def __call__(self, request: PersonRequest) -> HttpResponse:
        return self._answer(request) or self.get_response(request)

    def _answer(self, request: PersonRequest) -> HttpResponse | None:
        if request.method != "POST":
            return None
        try:
            request.resolver_match = match = resolve(request.path_info)
        except Resolver404:
            return None
        door = getattr(match.func, "at_the_door", None)
        if door is None or not self.check.passes(request, match.func):
            return None
        request.session = session_of(request)
        request.LANGUAGE_CODE = language_of(request)
        _ask_along(request, match.func)
        answer: HttpResponse | None = door(request, *match.args, **match.kwargs)
        return answer


class _CsrfCheck(CsrfViewMiddleware):
    """Django's own, that only says whether it has anything against a form."""

    def passes(self, request: PersonRequest, view: Callable[..., HttpResponse]) -> bool:
        self.process_request(request)
        return self.process_view(request, view, (), {}) is None

    def _reject(self, request: PersonRequest, reason: str) -> str:
        return reason


class DecisionMiddleware:
    """Before PersonMiddleware loads the session: the decision of `Uses` comes in the same statement."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: PersonRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: PersonRequest, view: Callable[..., HttpResponse], *_arguments: Any
    ) -> None:
        _ask_along(request, view)


def _ask_along(request: PersonRequest, view: Callable[..., HttpResponse]) -> None:
    policy = getattr(view, "policy", None)
    if isinstance(policy, Uses):
        policy.ask_along(request)
