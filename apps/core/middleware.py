"""Request id, content policy, language, and the one place where a refusal becomes a page."""

import uuid
from collections.abc import Callable
from dataclasses import asdict

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.module_loading import import_string

from apps.core.errors import MethodRefused, NotFound, Refusal

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives each request an id that stands in its access events and in the answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4()
        request.id = request_id  # type: ignore[attr-defined]  # accounts.http.PersonRequest
        response = self.get_response(request)
        response["X-Request-Id"] = str(request_id)
        # Pages hold personal data and work on shared machines: nothing stays in a cache.
        response.setdefault("Cache-Control", "no-store")
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's policy, written out once: no page of ours has one of its own, nor a nonce."""

    def __init__(self, get_response: Handler) -> None:
        super().__init__(get_response)
        parts = self.get_policy_parts(HttpRequest(), HttpResponse())
        self.policy = build_policy(**asdict(parts))

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.setdefault("Content-Security-Policy", self.policy)
        return response


KNOWN_LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """The code of the language that the person switched to, or of the first one."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in KNOWN_LANGUAGES else settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Traditional Chinese unless the person switched.

    Django's own middleware follows Accept-Language; a ministry's counter must not turn English
    because of a browser.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.LANGUAGE_CODE = language = language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        response.setdefault("Content-Language", language)
        return response


class RefusalMiddleware:
    """Renders a refusal that a view let go: the page of settings.REFUSAL_PAGE, with the refusal's status."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.refusal_page = import_string(settings.REFUSAL_PAGE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:  # no address of ours has one, and the database takes none
            return self.refusal_page(request, NotFound())
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = self.refusal_page(request, MethodRefused())  # Django's own 405 is an empty page
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return self.refusal_page(request, exception)
        return None
