"""The session store: one SELECT brings the session, its person and both's state (settings.SESSION_ENGINE).

Not `cached_db`: it fails with Redis and keeps deleted sessions alive (reference/security.md). A
session exists only after a card login (ASVS 7.6.2), so an anonymous visitor costs no query and
leaves no row.
"""

import base64
import hashlib
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection

from apps.accounts.models import Person, Session
from apps.core import clock
from apps.core.statements import Along, columns, compact, instance, width

TOUCH_EVERY = timedelta(minutes=1)
_OVER = "session.expire_date <= %(now)s OR session.last_seen_at <= %(seen_after)s"
# accounts.middleware.actor_of in SQL, for an event that is written in the session's own statement.
# Address and request are the caller's.
ACTOR = """jsonb_build_object(
    'actor', session.person_id, 'role', session.role, 'institution', session.institution_id,
    'session', session.id, 'workstation', session.workstation_id, 'card_kind', session.card_kind,
    'card_serial', session.card_serial, 'card_proof_at', session.card_proof_at)"""


@cache
def _load_sql(asked: tuple[Along, ...]) -> str:
    """SessionQuerySet.alive with the person, written out: every request of everybody sends it. The
    first column says whether the session is over.
    """
    return compact(f"""
        SELECT {_OVER},
               {columns(Session, "session")}, {columns(Person, "person")}
               {"".join(along.more for along in asked)}
        {_from(asked)}
    """)


@cache
def _answer_sql(asked: tuple[Along, ...]) -> str:
    """Of a session that is not over: the columns of the last one alone."""
    return compact(f"SELECT {asked[-1].columns} {_from(asked)} AND NOT ({_OVER})")


def _from(asked: tuple[Along, ...]) -> str:
    return f"""
        FROM {Session._meta.db_table} session
        JOIN {Person._meta.db_table} person ON person.id = session.person_id
        {" ".join(along.joins for along in asked)}
        WHERE session.session_key = %(key)s AND person.is_active
    """


def digest(session_key: str) -> str:
    """What the table keeps of a key: 240 bits of its SHA-256, 40 characters."""
    raw = hashlib.sha256(session_key.encode()).digest()[:30]
    return base64.urlsafe_b64encode(raw).decode()


def _ask(key: str, sql: str, asked: dict[Along, dict[str, Any]]) -> tuple[Any, ...] | None:
    now = clock.now()
    values: dict[str, Any] = {}
    for each in asked.values():
        values |= each
    values |= {"key": digest(key), "now": now, "seen_after": now - settings.SESSION_IDLE}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _load(key: str, asked: dict[Along, dict[str, Any]]) -> tuple[Session, tuple[Any, ...]] | None:
    """The session with its person, and the columns of what is asked along."""
    row = _ask(key, _load_sql(tuple(asked)), asked)
    if row is None:
        return None
    is_over, *found = row
    if is_over:
        # What was once found to be over stays over, also when the server's clock is set back (F15).
        Session.objects.filter(session_key=digest(key)).delete()
        return None
    of_session, of_person = width(Session), width(Session) + width(Person)
    session = instance(Session, found[:of_session])
    session.person = instance(Person, found[of_session:of_person])
    return session, tuple(found[of_person:])


class SessionStore(SessionBase):
    """Django's session interface over our own table; `record` is the row, or None for a visitor."""

    _record: Session | None = None
    _told: tuple[Any, ...] = ()

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._asked: dict[Along, dict[str, Any]] = {}

    @property
    def record(self) -> Session | None:
        self._get_session()  # type: ignore[attr-defined]
        return self._record

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def ask_along(self, along: Along, **values: Any) -> None:
        """Asks this too when the session is loaded; too late, when it has been. `session` and
        `person` are the rows that it may speak of, and what was asked before; `now` is the moment.
        """
        self._asked[along] = values

    def told(self, along: Along) -> tuple[Any, ...]:
        """Its columns; empty where that was not asked, or no session was found."""
        begin = 0
        for each in self._asked:
            if each == along:
                return self._told[begin : begin + along.width]
            begin += each.width
        return ()

    def answer(self, along: Along, **values: Any) -> tuple[Any, ...] | None:
        """Its columns at once, behind what was asked along before; the session itself is not loaded,
        which costs half of a request. None where there is no such row, or no session that is alive.
        """
        asked = {**self._asked, along: values}
        return _ask(self.session_key or "", _answer_sql(tuple(asked)), asked)

    def load(self) -> dict[str, Any]:
        found = _load(self.session_key or "", self._asked)
        if found is None:
            self._session_key = None
            return {}
        self._record, self._told = found
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
        self._record, self._told = None, ()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expire_date__lt=clock.now()).delete()
