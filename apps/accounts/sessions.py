"""The session store: one SELECT brings the session, its person and both's state (settings.SESSION_ENGINE).

Not `cached_db`: it fails with Redis and keeps deleted sessions alive (reference/security.md). A
session exists only after a card login (ASVS 7.6.2), so an anonymous visitor costs no query and
leaves no row.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection

from apps.accounts.models import Person, Session
from apps.core import clock
from apps.core.statements import ALONE, Along, columns, compact, instance, width

TOUCH_EVERY = timedelta(minutes=1)


@cache
def _load_sql(along: Along) -> str:
    """SessionQuerySet.alive with the person, written out: every request of everybody sends it. The
    first column says whether the session is over.
    """
    return compact(f"""
        SELECT session.expire_date <= %(now)s OR session.last_seen_at <= %(seen_after)s,
               {columns(Session, "session")}, {columns(Person, "person")}{along.more}
        FROM {Session._meta.db_table} session
        JOIN {Person._meta.db_table} person ON person.id = session.person_id
        {along.joins}
        WHERE session.session_key = %(key)s AND person.is_active
    """)


def digest(session_key: str) -> str:
    """What the table keeps of a key: 240 bits of its SHA-256, 40 characters."""
    raw = hashlib.sha256(session_key.encode()).digest()[:30]
    return base64.urlsafe_b64encode(raw).decode()


def _load(
    key_digest: str, along: Along, values: Mapping[str, Any]
) -> tuple[Session, tuple[Any, ...]] | None:
    """The session with its person, and the row of `along`."""
    now = clock.now()
    own: dict[str, Any] = {"key": key_digest, "now": now, "seen_after": now - settings.SESSION_IDLE}
    with connection.cursor() as cursor:
        cursor.execute(_load_sql(along), {**values, **own})
        row = cursor.fetchone()
    if row is None:
        return None
    is_over, *found = row
    if is_over:
        # What was once found to be over stays over, also when the server's clock is set back (F15).
        Session.objects.filter(session_key=key_digest).delete()
        return None
    of_session, of_person = width(Session), width(Session) + width(Person)
    session = instance(Session, found[:of_session])
    session.person = instance(Person, found[of_session:of_person])
    return session, tuple(found[of_person:])


class SessionStore(SessionBase):
    """Django's session interface over our own table; `record` is the row, or None for a visitor.

    `told` answers `ask_along`: the columns of its `Along`, empty where nothing was asked or found.
    """

    _record: Session | None = None
    _along: Along = ALONE
    _values: Mapping[str, Any] = {}
    told: tuple[Any, ...] = ()

    @property
    def record(self) -> Session | None:
        self._get_session()  # type: ignore[attr-defined]
        return self._record

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def ask_along(self, along: Along, **values: Any) -> None:
        """Asks this too when the session is loaded; too late, when it has been. `session` and
        `person` are the rows that it may speak of, `now` is the moment.
        """
        self._along, self._values = along, values

    def load(self) -> dict[str, Any]:
        found = _load(digest(self.session_key or ""), self._along, self._values)
        if found is None:
            self._session_key = None
            return {}
        self._record, self.told = found
        data = self._record.session_data
        return self.decode(data) if data else {}  # a login keeps what it is in columns of its own

    def open(self, **columns: Any) -> Session:
        """Ends the browser's present session and opens a new one under a new key.

        Django's `login()` keeps an anonymous visitor's data and, for the same user, the key;
        neither must survive a card login (ASVS 7.2.4).
        """
        self.flush()
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        self._session_cache: dict[str, Any] = {}
        now = clock.now()
        self._record = Session.objects.create(
            session_key=digest(self._session_key),
            session_data="",
            expire_date=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            created_at=now,
            last_seen_at=now,
            **columns,
        )
        self.modified = True
        return self._record

    def renew(self, **columns: Any) -> None:
        """Keeps the session and what belongs to it, under a new key: who knew the old one has
        nothing (ASVS 7.2.4). `columns` are those of the card that was shown again.
        """
        record = self.record
        assert record is not None
        key = self._get_new_session_key()  # type: ignore[attr-defined]
        values = {"session_key": digest(key), **columns}
        Session.objects.filter(id=record.id).update(**values)
        for name, value in values.items():
            setattr(record, name, value)
        self._session_key = key
        self.modified = True

    def touch(self) -> None:
        """Notes that the person is still there, at most once a minute."""
        now = clock.now()
        if self._record and now - self._record.last_seen_at >= TOUCH_EVERY:
            Session.objects.filter(pk=self._record.pk).update(last_seen_at=now)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=digest(session_key)).exists()

    def save(self, must_create: bool = False) -> None:
        if self._record is not None:
            data = self.encode(self._get_session())  # type: ignore[attr-defined]
            Session.objects.filter(pk=self._record.pk).update(session_data=data)

    def create(self) -> None:
        """A visitor has no session; only `open` makes one."""

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(session_key=digest(key)).delete()

    def flush(self) -> None:
        super().flush()
        self._record, self.told = None, ()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expire_date__lt=clock.now()).delete()
