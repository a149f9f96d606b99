"""Who may book in a campaign: (registered intent or group) and age and dose interval and previous
brand (FEATURES C1).

`facts_about` asks the database once; `judge` is plain logic over those facts, read from the top.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.booking.models import Booking, Campaign, EligibilityEntry, WaitingEntry
from apps.booking.terms import LIVE, ON_LIST, BookingState, Rule
from apps.core import clock
from apps.core.statements import Along, columns, instance, width
from apps.immunizations.models import VaccinationRecord


@dataclass(frozen=True)
class Facts:
    """What eligibility depends on.

    `last_given_on` and `last_brand` are of the latest dose of this vaccine.
    """

    campaign: Campaign
    birth_date: date
    listed: bool
    last_given_on: date | None = None
    last_brand: str = ""
    live_booking: UUID | None = None
    called_off: bool = False
    waiting: UUID | None = None  # the entry on a waiting list (C11)


@dataclass(frozen=True)
class Verdict:
    """Eligible (`rule` is None), or the first rule that fails and, where waiting helps, the first
    day that passes.
    """

    rule: Rule | None = None
    next_eligible_on: date | None = None

    @property
    def eligible(self) -> bool:
        return self.rule is None


def _listed(states: Iterable[str]) -> str:
    """Written into the statement: so PostgreSQL sees that the partial indexes serve it."""
    return ", ".join(f"'{state}'" for state in states)


def _known(patient: str) -> str:
    """The columns of `_facts` for the SQL expression `patient`: the campaign's, then the person's."""
    return f"""
        {columns(Campaign, "campaign")}, dose.given_on AS last_given_on, dose.brand AS last_brand,
        EXISTS (SELECT FROM {EligibilityEntry._meta.db_table} entry
                WHERE entry.patient_id = {patient} AND entry.campaign_id = campaign.id
                  AND entry.kind = ANY(campaign.listed_kinds)) AS listed,
        (SELECT booking.id FROM {Booking._meta.db_table} booking
         WHERE booking.patient_id = {patient} AND booking.campaign_id = campaign.id
           AND booking.state IN ({_listed(LIVE)})) AS live_booking,
        EXISTS (SELECT FROM {Booking._meta.db_table} booking
                WHERE booking.patient_id = {patient} AND booking.campaign_id = campaign.id
                  AND booking.state = '{BookingState.CALLED_OFF}') AS called_off,
        (SELECT entry.id FROM {WaitingEntry._meta.db_table} entry
         WHERE entry.patient_id = {patient} AND entry.campaign_id = campaign.id
           AND entry.state IN ({_listed(ON_LIST)})) AS waiting
    """


def _last_dose(patient: str) -> str:
    return f"""
        LEFT JOIN LATERAL (
            SELECT given_on, brand FROM {VaccinationRecord._meta.db_table} record
            WHERE record.patient_id = {patient} AND record.vaccine_id = campaign.vaccine_id
            ORDER BY given_on DESC LIMIT 1
        ) dose ON true
    """


def _facts_sql(which: str) -> str:
    return f"""
        SELECT {_known("%(patient)s")} FROM {Campaign._meta.db_table} campaign
        {_last_dose("%(patient)s")} WHERE {which}
        ORDER BY campaign.books_from, campaign.code
    """


_FACTS = _facts_sql("campaign.published")
# Of one campaign, published or not: for the operators' preview.
_FACTS_IN = _facts_sql("campaign.id = %(campaign)s")
# Along with the reading of the person's card: a row for each campaign, one without when there is none.
ALONG_WITH_READING = Along(
    _known("reading.patient_id"),
    f"""LEFT JOIN {Campaign._meta.db_table} campaign ON campaign.published
        {_last_dose("reading.patient_id")}""",
)


def facts_about(*, patient: UUID, birth_date: date) -> list[Facts]:
    """The facts for each published campaign, in order of opening.

    One statement, written out because building it by the ORM costs more than running it
    (bench/booking).
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"patient": patient})
        return [_facts(row, birth_date) for row in cursor.fetchall()]


def facts_told(rows: Iterable[tuple[Any, ...]], *, birth_date: date) -> list[Facts]:
    """The same out of the rows of ALONG_WITH_READING."""
    found = [_facts(row, birth_date) for row in rows if row[0] is not None]
    return sorted(found, key=lambda each: (each.campaign.books_from, each.campaign.code))


def facts_in(*, campaign: UUID, patient: UUID | None, birth_date: date) -> Facts | None:
    """The facts in one campaign, also one that is not published; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS_IN, {"campaign": campaign, "patient": patient})
        row = cursor.fetchone()
    return _facts(row, birth_date) if row else None


def _facts(row: tuple[Any, ...], birth_date: date) -> Facts:
    """A row of `_known`."""
    own = width(Campaign)
    last_given_on, last_brand, listed, live_booking, called_off, waiting = row[own:]
    return Facts(
        campaign=instance(Campaign, row[:own]),
        birth_date=birth_date,
        listed=listed,
        last_given_on=last_given_on,
        last_brand=last_brand or "",
        live_booking=live_booking,
        called_off=called_off,
        waiting=waiting,
    )


def judge(facts: Facts, *, at: datetime) -> Verdict:
    campaign = facts.campaign
    if facts.called_off:  # nobody loses the right to a place by a typhoon (C16)
        return judge_person(facts, at=at)
    if not campaign.books_from <= at <= campaign.books_until:
        opens_later = at < campaign.books_from
        return Verdict(Rule.WINDOW, clock.day_of(campaign.books_from) if opens_later else None)
    return judge_person(facts, at=at)


def judge_person(facts: Facts, *, at: datetime) -> Verdict:
    """The rules about the person, whenever the booking period is."""
    campaign, today = facts.campaign, clock.day_of(at)
    if not (facts.listed or _in_group(facts, today)):
        return Verdict(Rule.LISTED, _day_of_group(facts))
    if age_on(facts.birth_date, today) < campaign.min_age:
        return Verdict(Rule.TOO_YOUNG, birthday(facts.birth_date, campaign.min_age))
    if campaign.max_age is not None and age_on(facts.birth_date, today) > campaign.max_age:
        return Verdict(Rule.TOO_OLD)
    return _judge_last_dose(facts, today)


def _judge_last_dose(facts: Facts, today: date) -> Verdict:
    if facts.last_given_on is None:
        return Verdict()
    allowed_on = facts.last_given_on + timedelta(days=facts.campaign.min_interval_days)
    if today < allowed_on:
        return Verdict(Rule.INTERVAL, allowed_on)
    brands = facts.campaign.previous_brands
    if brands and facts.last_brand not in brands:
        return Verdict(Rule.BRAND)
    return Verdict()


def _in_group(facts: Facts, today: date) -> bool:
    from_age = facts.campaign.group_from_age
    return from_age is not None and age_on(facts.birth_date, today) >= from_age


def _day_of_group(facts: Facts) -> date | None:
    """The day this person grows into the group, when that is still within the booking period."""
    if facts.campaign.group_from_age is None:
        return None
    day = birthday(facts.birth_date, facts.campaign.group_from_age)
    return day if day <= clock.day_of(facts.campaign.books_until) else None


def birthday(born: date, age: int) -> date:
    """The day somebody reaches `age`: the birthday, or 1 March where 29 February is missing."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def age_on(born: date, day: date) -> int:
    """Full years of life on `day`."""
    years = day.year - born.year
    return years if birthday(born, years) <= day else years - 1
