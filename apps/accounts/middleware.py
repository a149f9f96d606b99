"""The session cookie, and who is asking."""

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions import middleware
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers

from apps.accounts.http import PersonRequest
from apps.accounts.sessions import SessionStore
from apps.audit.actors import Actor
from apps.core.addresses import client_address


class SessionMiddleware(middleware.SessionMiddleware):
    """Loads the session lazily; sets the cookie when one was opened and removes it when it ended."""

    def process_request(self, request: PersonRequest) -> None:  # type: ignore[override]
        request.session = session_of(request)

    def process_response(  # type: ignore[override]
        self, request: PersonRequest, response: HttpResponse
    ) -> HttpResponse:
        session, cookie = request.session, request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not session.accessed:
            return response
        patch_vary_headers(response, ["Cookie"])
        session.touch()
        if session.session_key and session.session_key != cookie:
            response.set_cookie(
                settings.SESSION_COOKIE_NAME,
                session.session_key,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        elif cookie and not session.session_key:
            response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
        return response


def session_of(request: PersonRequest) -> SessionStore:
    """Of the cookie; nothing is loaded before somebody asks."""
    return SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))


class PersonMiddleware(AuthenticationMiddleware):
    """`request.user` and `request.actor`, both out of the row of the session.

    Once the view is known: its policy has said by then what it wants to know along with the session
    (access.middleware).
    """

    def process_request(self, request: PersonRequest) -> None:  # type: ignore[override]
        pass

    def process_view(self, request: PersonRequest, *_view: object) -> None:
        know_person(request)


def know_person(request: PersonRequest) -> None:
    """Also for the page of a request that came to no view."""
    record = request.session.record
    request.user = record.person if record else AnonymousUser()
    request.actor = actor = actor_of(request)
    if record:  # access.backends decides for this session at this address
        record.person.session_id, record.person.address = record.id, actor.ip


def actor_of(request: PersonRequest) -> Actor:
    """Who does what this request asks for, as services and the access log want to know it."""
    record = request.session.record
    if record is None:
        return actor_of_stranger(request)
    return Actor(
        person=record.person_id,
        role=record.role,
        institution=record.institution_id,
        session=record.id,
        workstation=record.workstation_id,
        card_kind=record.card_kind,
        card_serial=record.card_serial,
        card_proof_at=record.card_proof_at,
        ip=client_address(request),
        request_id=request.id,
    )


def actor_of_stranger(request: PersonRequest) -> Actor:
    """What is known of a request before its session is: where it comes from, and which it is."""
    return Actor(ip=client_address(request), request_id=request.id)
