"""The first rules of the exception desk; from then on they are the operators' data."""

from apps.booking.models import ExceptionRule
from apps.booking.terms import DocumentKind

# Newborns are seen with a parent's NHI card for their first sixty days, until they have their own.
RULES = [
    ExceptionRule(
        code="NO_CARD",
        name="未帶卡或卡片無法讀取",
        name_en="No card at hand, or it cannot be read",
        documents=[DocumentKind.NATIONAL_ID],
        position=1,
    ),
    ExceptionRule(
        code="NEWBORN",
        name="新生兒（出生 60 日內）",
        name_en="Newborn (within 60 days of birth)",
        documents=[DocumentKind.NATIONAL_ID, DocumentKind.MOTHER],
        max_days=60,
        needs_guardian=True,
        position=2,
    ),
    ExceptionRule(
        code="MINOR",
        name="未成年人，由法定代理人同意",
        name_en="Minor, with the consent of a guardian",
        documents=[DocumentKind.NATIONAL_ID],
        max_age=17,
        needs_guardian=True,
        position=3,
    ),
    ExceptionRule(
        code="FOREIGNER",
        name="無健保卡之外籍人士",
        name_en="Foreigner without an NHI card",
        documents=[DocumentKind.NATIONAL_ID, DocumentKind.PASSPORT, DocumentKind.ENTRY_PERMIT],
        position=4,
    ),
]


def load() -> None:
    ExceptionRule.objects.bulk_create(RULES, ignore_conflicts=True)
