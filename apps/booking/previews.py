"""What a person would get under the rules of a campaign, also of one that is only drafted."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from apps.booking.models import Campaign, EligibilityEntry, Slot
from apps.booking.policies import Facts, Verdict, facts_in, judge, judge_person
from apps.booking.terms import EntryKind
from apps.core import clock


@dataclass(frozen=True)
class Outlook:
    """The verdict now, the verdict on any day of the period, and what it rests on."""

    facts: Facts
    verdict: Verdict
    verdict_in_period: Verdict
    lists: list[str]
    next_free: Slot | None

    @property
    def campaign(self) -> Campaign:
        return self.facts.campaign


def look_ahead(*, campaign: Campaign, patient: UUID | None, birth_date: date) -> Outlook:
    """For a number that was never seen (`patient` None), what somebody without any record gets."""
    known = facts_in(campaign=campaign.pk, patient=patient, birth_date=birth_date)
    entries = EligibilityEntry.objects.filter(campaign=campaign.pk, patient=patient)
    kinds = set(entries.values_list("kind", flat=True)) if patient else set()
    # The rules of `campaign` as it was given, which may not be those of the table.
    listed = bool(kinds & set(campaign.listed_kinds))
    facts = replace(
        known or Facts(campaign=campaign, birth_date=birth_date, listed=listed),
        campaign=campaign,
        listed=listed,
    )
    now = clock.now()
    free = Slot.objects.free(now).filter(site__campaign=campaign.pk)
    return Outlook(
        facts=facts,
        verdict=judge(facts, at=now),
        verdict_in_period=judge_person(facts, at=max(now, campaign.books_from)),
        lists=[str(EntryKind(kind).label) for kind in sorted(kinds)],
        next_free=free.select_related("site__institution").order_by("begins_at").first(),
    )
