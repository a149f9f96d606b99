"""What an NHI card said, as the rest of the platform uses it."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from typing import Any, Self
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.cards.models import READING_LIFETIME, Reading
from apps.core import clock
from apps.core.errors import Denied, Gone, Invalid
from apps.core.statements import ALONE, Along, columns, compact, instance, width
from apps.identities.numbers import InvalidNumber, check_national_id
from apps.identities.sealing import seal, unseal


class CardCancelled(Denied):
    code = "NHI-CANCELLED"
    message = _("This NHI card has been cancelled and cannot be used.")
    way_on = _("Please ask the holder for the present card, or refer to the NHI Administration.")


class ReadingGone(Gone):
    code = "READING-GONE"
    message = _("The card reading is no longer valid.")
    way_on = _("Please read the card again.")


@dataclass(frozen=True)
class NhiReading:
    """The basic data of an NHI card (57 bytes and the card data; reference/cards.md 3.1)."""

    card_number: str
    name: str
    national_id: str
    birth_date: date
    sex: str
    issued_on: date
    emergency_phone: str

    @classmethod
    def of_claims(cls, claims: dict[str, Any]) -> Self:
        """From the agent's JSON; raises Invalid with the field, CardCancelled for a cancelled card."""
        try:
            if claims["cancelled"] is not False:
                raise CardCancelled(reason="nhi_card_cancelled")
            return cls(
                card_number=_text(claims, "card_number", 12),
                name=_text(claims, "name", 20),
                national_id=check_national_id(_text(claims, "national_id", 10)),
                birth_date=date.fromisoformat(claims["birth_date"]),
                sex=_text(claims, "sex", 1),
                issued_on=date.fromisoformat(claims["issued_on"]),
                emergency_phone=_text(claims, "emergency_phone", 14),
            )
        except InvalidNumber as error:
            raise Invalid(
                _("The number on this card is not a valid national ID."), code="NHI-NUMBER"
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(_("The data of this card could not be read."), code="NHI-DATA") from error


def _text(claims: dict[str, Any], name: str, longest: int) -> str:
    value = claims[name]
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError(name)
    return value.strip()


def seal_reading(reading: Reading, facts: NhiReading) -> Reading:
    """Puts the sealed facts into the row; the row's id is bound in, so no two rows can be swapped."""
    body = asdict(facts) | {
        "birth_date": facts.birth_date.isoformat(),
        "issued_on": facts.issued_on.isoformat(),
    }
    reading.key_id, reading.sealed = seal(json.dumps(body).encode(), bound_to=_bound(reading.pk))
    return reading


def open_reading(reading: Reading) -> NhiReading:
    body = json.loads(
        unseal(bytes(reading.sealed), key_id=reading.key_id, bound_to=_bound(reading.pk))
    )
    body["birth_date"] = date.fromisoformat(body["birth_date"])
    body["issued_on"] = date.fromisoformat(body["issued_on"])
    return NhiReading(**body)


def fetch_reading(
    reading_id: UUID, *, session: UUID | None, typed_too: bool = False
) -> tuple[Reading, NhiReading]:
    """The reading, when this session made it and it is less than 24 hours old; ReadingGone otherwise.

    What was typed at an exception desk is no card: only who says `typed_too` gets it.
    """
    return fetch_reading_along(reading_id, ALONE, session=session, typed_too=typed_too)[:2]


def fetch_reading_along(
    reading_id: UUID, along: Along, *, session: UUID | None, typed_too: bool = False
) -> tuple[Reading, NhiReading, list[tuple[Any, ...]]]:
    """As `fetch_reading`, with the rows of `along`, which may speak of the row `reading`."""
    rows = _find(reading_id, session, along) if session else []
    own = width(Reading)
    found = instance(Reading, rows[0][:own]) if rows else None
    if found is None or (found.typed and not typed_too):
        raise ReadingGone(reason="reading_of_another_session_or_expired")
    return found, open_reading(found), [row[own:] for row in rows]


@cache
def _find_sql(along: Along) -> str:
    """ReadingQuerySet.fresh of one session, written out: every page of a citizen sends it."""
    return compact(f"""
        SELECT {columns(Reading, "reading")}{along.more} FROM {Reading._meta.db_table} reading {along.joins}
        WHERE reading.id = %s AND reading.session_id = %s AND reading.read_at > %s
    """)


def _find(reading_id: UUID, session: UUID, along: Along) -> list[tuple[Any, ...]]:
    values: list[Any] = [reading_id, session, clock.now() - READING_LIFETIME]
    with connection.cursor() as cursor:
        cursor.execute(_find_sql(along), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _bound(reading_id: UUID) -> bytes:
    return b"reading:" + reading_id.bytes
