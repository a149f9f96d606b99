"""What is known of somebody, in one statement over all tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.queries.answers import Question
from apps.queries.providers import LocalTable, Source
from apps.travel.models import (
    Advisory,
    Contact,
    Label,
    ListEntry,
    Referral,
    Release,
    TravelRecord,
)
from apps.travel.terms import FactKind

# Further back no rule looks, whatever an operator types into one.
FURTHEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """`day` is when it happened; `detail` its kind (ENTRY, ISOLATION …), `name` a country, site, list."""

    kind: FactKind
    day: date | None = None
    name: str = ""
    name_en: str = ""
    detail: str = ""
    level: int | None = None


_FACTS = f"""
    SELECT '{FactKind.CONTACT}', contact_on, '', '', '', NULL::int
    FROM {Contact._meta.db_table}
    WHERE patient_id = %(patient)s AND contact_on BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT '{FactKind.TRAVEL}', moved_on, country_name, country, direction,
           (SELECT level FROM {Advisory._meta.db_table} advisory
            WHERE advisory.country = travel.country AND advisory.valid_from <= travel.moved_on
              AND (advisory.valid_until IS NULL OR advisory.valid_until >= travel.moved_on)
            ORDER BY advisory.valid_from DESC LIMIT 1)
    FROM {TravelRecord._meta.db_table} travel
    WHERE patient_id = %(patient)s AND moved_on BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT '{FactKind.RELEASE}', released_on, '', '', kind, NULL
    FROM {Release._meta.db_table}
    WHERE patient_id = %(patient)s AND released_on BETWEEN %(since)s AND %(until)s
    UNION ALL
    SELECT '{FactKind.REFERRAL}', referred_on, sampling_site, sampling_site, '', NULL
    FROM {Referral._meta.db_table}
    WHERE patient_id = %(patient)s AND referred_on BETWEEN %(since)s AND %(until)s
      AND answered_on IS NULL
    UNION ALL
    SELECT '{FactKind.LABEL}', valid_from, name, name, kind, NULL
    FROM {Label._meta.db_table}
    WHERE patient_id = %(patient)s AND (valid_from IS NULL OR valid_from <= %(until)s)
      AND (valid_until IS NULL OR valid_until >= %(until)s)
    UNION ALL
    SELECT '{FactKind.LISTED}', listed_on, list_name, list_name, '', NULL
    FROM {ListEntry._meta.db_table}
    WHERE patient_id = %(patient)s AND listed_on BETWEEN %(since)s AND %(until)s
      AND (ends_on IS NULL OR ends_on >= %(until)s)
"""


def fetch_facts(question: Question) -> Iterable[Fact]:
    values: dict[str, Any] = {
        "patient": question.patient,
        "until": question.until,
        "since": question.since or question.until - FURTHEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        rows = cursor.fetchall()
    return [
        Fact(kind=FactKind(kind), day=day, name=name, name_en=name_en, detail=detail, level=level)
        for kind, day, name, name_en, detail, level in rows
    ]


def facts_source() -> Source[Fact]:
    return LocalTable(_("travel and contact history"), fetch_facts)


def question_about(patient: UUID, *, on: date) -> Question:
    return Question(patient=patient, until=on, since=on - FURTHEST)
