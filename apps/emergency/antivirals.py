"""流感抗病毒藥劑: manual 3, 四(二) has the alert name one that was prescribed within 10 days."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from apps.records.models import Medication
from apps.travel.facts import Fact
from apps.travel.terms import FactKind

# Neuraminidase inhibitors, and baloxavir.
INFLUENZA_ANTIVIRALS = ("J05AH", "J05AX25")


def antiviral_facts(patient: UUID, *, until: date) -> list[Fact]:
    """The latest prescription of one; how long it counts is the rule's affair. One statement."""
    wanted = Q()
    for prefix in INFLUENZA_ANTIVIRALS:
        wanted |= Q(atc_code__startswith=prefix)
    latest = Medication.objects.of(patient, since=None, until=until).filter(wanted).first()
    return [Fact(kind=FactKind.ANTIVIRAL, day=latest.visited_on)] if latest else []
