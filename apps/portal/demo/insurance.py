"""Who of the demo's citizens is insured, and how: one for each answer of the insurance check."""

from datetime import date, timedelta
from typing import Any

from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.portal.demo.people import CITIZENS
from apps.visits.models import InsuranceStatus
from apps.visits.terms import IdentityMark, InsuranceState

VISITS_LEFT = 6
# What differs from "insured, valid, six visits left", by card.
DIFFERENT: dict[str, dict[str, Any]] = {
    "nhi-lin": {"card_password": True},
    "nhi-liu": {"identity_mark": IdentityMark.VETERAN},
    "nhi-wu": {"arrears": True},
    "nhi-huang": {"identity_mark": IdentityMark.LOW_INCOME},
    "nhi-tsai": {"card_cancelled": True},
    "nhi-chiu": {"state": InsuranceState.SUSPENDED},
    "nhi-pan": {"visits_left": 0},
}


def load_insurance() -> None:
    """An existing row is left alone: its count of numbers goes on."""
    today = clock.today()
    for each in CITIZENS:
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=each.national_id)
        values: dict[str, Any] = {
            "born_on": date(today.year - each.years, 1, 15),
            "card_valid_until": today + timedelta(days=5 * 365),
            "card_password": False,
            "visits_left": VISITS_LEFT,
        }
        InsuranceStatus.objects.get_or_create(
            patient_id=patient, defaults=values | DIFFERENT.get(each.card_id, {})
        )
