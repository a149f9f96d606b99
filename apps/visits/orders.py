"""An order (醫令) in 61 characters, as APIs 1.48 and 1.49 have it; upload fields D02 and D06 to D10."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from apps.visits.refusals import FieldInvalid
from apps.visits.terms import DeliveryMark, OrderKind

LENGTH = 61
MOST = 60  # orders of one call, as the card has room for
# Name, first and last position (counted from 1, as the manual does), the whole field, upload field.
_LAYOUT = (
    ("visited_at", 1, 13, r"[0-9]{13}", "M11"),  # 就診日期時間
    ("kind", 14, 14, "[1-4]", "D02"),  # 醫令類別
    ("code", 15, 26, r"[0-9A-Z]{1,12} *", "D06"),  # 診療項目代號
    ("part", 27, 32, r"[0-9A-Z]{0,6} *", "D07"),  # 診療部位
    ("usage", 33, 50, r"[!-~]{0,18} *", "D08"),  # 用法
    ("days", 51, 52, r"[0-9]{2}|  | [0-9]", "D09"),  # 天數
    ("total", 53, 59, r"[0-9]{5}\.[0-9]", "D10"),  # 總量, 00000.0
    ("delivery", 60, 61, "0[1-3]", ""),  # 交付註記
)
_DRUGS = (OrderKind.DRUG, OrderKind.LONG_TERM_DRUG)


@dataclass(frozen=True)
class Order:
    """One order. `line` is what the HIS wrote, and what is signed."""

    line: str
    visited_at: str
    kind: str
    code: str
    part: str
    usage: str
    days: int
    total: Decimal
    delivery: str

    @classmethod
    def parse(cls, line: str) -> Self:
        """Raises FieldInvalid that names the field."""
        if len(line) != LENGTH or not line.isascii():
            raise _wrong("order", f"has to be {LENGTH} ASCII characters")
        found = {}
        for name, first, last, shape, upload in _LAYOUT:
            value = line[first - 1 : last]
            if not re.fullmatch(shape, value):
                raise _wrong(name, upload or "delivery mark")
            found[name] = value.strip()
        order = cls(
            line=line,
            visited_at=found["visited_at"],
            kind=found["kind"],
            code=found["code"],
            part=found["part"],
            usage=found["usage"],
            days=int(found["days"] or 0),
            total=Decimal(found["total"]),
            delivery=DeliveryMark(found["delivery"]),
        )
        order._check()
        return order

    @property
    def is_drug(self) -> bool:
        return self.kind in _DRUGS

    @property
    def key(self) -> tuple[str | int | Decimal, ...]:
        """What makes two orders of a visit the same one."""
        return (
            self.kind,
            self.code,
            self.part,
            self.usage,
            self.days,
            self.total,
            self.delivery,
        )

    def _check(self) -> None:
        """A drug says how it is taken and for how long; everything has an amount."""
        rules: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("total", lambda: self.total > 0),
            ("usage", lambda: bool(self.usage) or not self.is_drug),
            ("days", lambda: self.days > 0 or not self.is_drug),
        )
        for name, holds in rules:
            if not holds():
                raise _wrong(name, "is missing")


def _wrong(name: str, why: str) -> FieldInvalid:
    return FieldInvalid(detail={"fields": {name: [why]}})
