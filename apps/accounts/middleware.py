"""The session cookie, and who is asking."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from apps.accounts.sessions import SessionStore
from apps.audit.actors import Actor

Handler = Callable[[HttpRequest], HttpResponse]


class SessionMiddleware:
    """Loads the session lazily; sets the cookie when one was opened and removes it when it ended."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        request.session = session = SessionStore(cookie)
        response = self.get_response(request)
        if session.accessed:
            patch_vary_headers(response, ["Cookie"])
            session.touch()
        if session.session_key and session.session_key != cookie:
            self._set_cookie(response, session)
        elif cookie and session.accessed and not session.session_key:
            response.delete_cookie(
                settings.SESSION_COOKIE_NAME, samesite=settings.SESSION_COOKIE_SAMESITE
            )
        return response

    def _set_cookie(self, response: HttpResponse, session: SessionStore) -> None:
        response.set_cookie(
            settings.SESSION_COOKIE_NAME,
            session.session_key or "",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite=settings.SESSION_COOKIE_SAMESITE,
        )


class PersonMiddleware:
    """`request.user` and `request.actor`, both out of the row that the session already loaded."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        record = request.session.record
        request.user = record.person if record else AnonymousUser()
        if record:
            request.user.session_id = record.id  # access.backends decides for this session
        request.actor = actor_of(request)
        return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """Who does what this request asks for, as services and the access log want to know it."""
    record = request.session.record
    address = request.META.get("REMOTE_ADDR") or None
    if record is None:
        return Actor(ip=address, request_id=request.id)
    return Actor(
        person=record.person_id,
        role=record.role,
        institution=record.institution_id,
        session=record.id,
        workstation=record.workstation_id,
        card_kind=record.card_kind,
        card_serial=record.card_serial,
        card_proof_at=record.card_proof_at,
        ip=address,
        request_id=request.id,
    )
