"""Columns that tabs share, under the manual's names."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.queries.tables import Column


def place_of(record: Any) -> str:
    """`部臺北 0131060029`: name and code of the institution."""
    return f"{record.institution_label} {record.institution_code}".strip()


def usage_of(record: Any) -> str:
    """`QAM&HS 上午使用一次且睡前一次`; the code alone where the list does not know it."""
    code, name = record.frequency, record.frequency_name
    return f"{code} {name}" if name != code else str(code)


def amount_of(record: Any) -> str:
    """`56`, `7.5`: no zeros behind the point."""
    return "" if record.quantity is None else f"{record.quantity.normalize():f}"


def diagnosis_of(record: Any) -> str:
    return f"{record.diagnosis_code} {record.diagnosis}".strip()


def within(path: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads a row's inner record: `within("record", place_of)`."""
    inner = attrgetter(path)
    return lambda row: read(inner(row))


PLACE = Column(name="institution", label=_("institution (source)"), value=place_of)
DEPARTMENT = Column(name="department", label=_("department"), value=attrgetter("department_name"))
DIAGNOSIS = Column(name="diagnosis", label=_("main diagnosis"), value=diagnosis_of)
VISITED_ON = Column(name="visited_on", label=_("date of visit"))
ORIGIN = Column(
    name="origin", label=_("data source"), value=lambda record: record.get_origin_display()
)
CODE = Column(name="code", label=_("order code"))
NAME = Column(name="name", label=_("order name"))
BODY_SITE = Column(name="body_site", label=_("body site"))
BEGAN_ON = Column(name="began_on", label=_("began on"))
ENDED_ON = Column(name="ended_on", label=_("ended on"))
QUANTITY = Column(name="quantity", label=_("quantity"), value=amount_of)
CATEGORY = Column(name="category", label=_("category"))

DRUG_CODE = Column(name="code", label=_("drug code"))
DRUG_NAME = Column(name="name", label=_("drug name"))
INGREDIENT = Column(name="ingredient", label=_("ingredient"))
USAGE = Column(name="frequency", label=_("frequency"), value=usage_of)
DRUG_QUANTITY = Column(name="quantity", label=_("drug quantity"), value=amount_of)
DAYS = Column(name="days", label=_("days supplied"))
