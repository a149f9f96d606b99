"""What our middlewares put on a request, as types."""

from uuid import UUID

from django.http import HttpRequest

from apps.accounts.sessions import SessionStore
from apps.audit.actors import Actor


class PersonRequest(HttpRequest):
    """A request after RequestId-, Session-, Language- and PersonMiddleware."""

    id: UUID
    session: SessionStore
    actor: Actor
    LANGUAGE_CODE: str
