"""The reader/card table of manual 1 (網站使用說明 STEP 2); from then on it is the operators' data."""

from apps.accounts.terms import CardKind, ReaderKind, SessionRole
from apps.cards.models import LoginWay

NHI_READER, CHIP_READER = ReaderKind.NHI_READER, ReaderKind.CHIP_READER

# 健保讀卡機: 醫事人員卡、健保卡、醫事機構卡. 晶片讀卡機: 醫事人員卡、自然人憑證、醫事機構卡、政府單位憑證.
TABLE: dict[CardKind, tuple[tuple[ReaderKind, ...], tuple[SessionRole, ...]]] = {
    CardKind.HPC: ((NHI_READER, CHIP_READER), (SessionRole.STAFF,)),
    CardKind.NHI: ((NHI_READER,), (SessionRole.STAFF,)),
    CardKind.CITIZEN: (
        (CHIP_READER,),
        (SessionRole.STAFF, SessionRole.OPERATOR, SessionRole.AUDITOR),
    ),
    CardKind.INSTITUTION: ((NHI_READER, CHIP_READER), (SessionRole.REPRESENTATIVE,)),
    CardKind.GOVERNMENT: ((CHIP_READER,), (SessionRole.REPRESENTATIVE,)),
}


def load() -> None:
    """Adds what is missing; a way that operators switched off stays off."""
    ways = [
        LoginWay(card_kind=card_kind, reader_kind=reader_kind, role=role)
        for card_kind, (readers, roles) in TABLE.items()
        for reader_kind in readers
        for role in roles
    ]
    LoginWay.objects.bulk_create(ways, ignore_conflicts=True)
