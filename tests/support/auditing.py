"""An auditor in front of the access log, and events to look for."""

from typing import Any

from django.conf import settings
from django.test import Client

from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from tests.support.world import Pharmacy, make_operator, session_columns

CITIZEN = "C121103509"


def make_auditor(name: str = "王文彬") -> Client:
    """A browser in which an auditor is logged in; `person` is who."""
    person = make_operator(SessionRole.AUDITOR, name)
    store = SessionStore()
    store.open(**session_columns(person, role=SessionRole.AUDITOR, card_kind=CardKind.CITIZEN))
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    client.person = person  # type: ignore[attr-defined]
    return client


def note(world: Pharmacy, action: Action = Action.READ_CARD, **more: Any) -> int:
    """An event of the pharmacist's; returns its number."""
    by = more.pop("by", None) or Actor(
        person=world.pharmacist.pk, role="STAFF", institution=world.institution.pk
    )
    return record_change(event(action, by=by, **{"service": "VBK"} | more))


def make_citizen() -> Any:
    return identify(kind=IdentifierKind.NATIONAL_ID, value=CITIZEN)


def search(auditor: Client, **wanted: Any) -> Any:
    """Posts the form and follows to the result."""
    day = clock.today().isoformat()
    data = {"purpose": "ROUTINE", "since": day, "until": day} | wanted
    return auditor.post("/oversight/log/", data, follow=True)
