"""A one-time code on its way from the form that issued it to the page that shows it, once.

The form is answered by a redirect, like every other: a page that answers a POST would issue another
code at each reload, and end the one that was just read out. Between the two requests the code lies
sealed in the session of whoever asked for it.
"""

from base64 import b64decode, b64encode
from uuid import UUID

from apps.accounts.sessions import SessionStore
from apps.identities.sealing import SealError, seal, unseal

_KEPT = "code_to_show"


def keep_code(session: SessionStore, code: str, *, person: UUID) -> None:
    """For the next page of this session that shows a code of `person`."""
    key_id, sealed = seal(code.encode(), bound_to=_bound(session, person))
    session[_KEPT] = [key_id, b64encode(sealed).decode()]
    session.save()


def take_code(session: SessionStore, *, person: UUID) -> str:
    """The code that waits for this page, which is gone then; "" when none does."""
    kept = session.pop(_KEPT, None)
    if not kept:
        return ""
    session.save()
    key_id, sealed = kept
    try:
        return unseal(b64decode(sealed), key_id=key_id, bound_to=_bound(session, person)).decode()
    except SealError:  # of another person's page
        return ""


def _bound(session: SessionStore, person: UUID) -> bytes:
    assert session.record is not None
    return f"code_to_show:{session.record.id}:{person}".encode()
