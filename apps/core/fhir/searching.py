"""Search parameters: what an app declares, and what a request asked for.

Values joined by a comma are alternatives, repeated parameters must all hold (FHIR R4, 3.1.1).
Unlike FHIR's default, an unknown parameter is refused instead of ignored: a misspelt filter must
not show more people than were asked for.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Invalid
from apps.core.fhir.words import system

DEFAULT_COUNT, LARGEST_COUNT = 20, 100
MOST_VALUES = 50
PATIENT = "patient"
# Accepted everywhere; `_cursor` is ours, in the links of a page only.
CONTROLS = ("_count", "_cursor", "_format", "_pretty")
_DATE = re.compile(
    r"(?P<prefix>eq|ne|gt|lt|ge|le|sa|eb)?(?P<moment>[0-9]{4}(-[0-9]{2}(-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?)"
)


class UnknownParameter(Invalid):
    code = "FHIR-PARAM"
    message = _("This search parameter is not supported here.")
    way_on = _("The CapabilityStatement at /fhir/metadata lists those that are.")


class WrongValue(Invalid):
    code = "FHIR-VALUE"
    message = _("The value of a search parameter is not well formed.")


class NotInAddress(Invalid):
    code = "FHIR-POST"
    message = _("A number of a person must not stand in an address.")
    way_on = _("Please search by POST to …/_search, with the number in the body.")


def wrong(name: str) -> WrongValue:
    """The value itself stays out of the answer and the log: it may be somebody's number."""
    return WrongValue(detail={"parameter": name}, reason=f"fhir_value:{name}")


Narrow = Callable[[str], Q]


@dataclass(frozen=True)
class Parameter:
    """One search parameter. `narrow` turns one value into a condition and raises ValueError for a
    wrong one. `kind` and `about` stand in the CapabilityStatement and in OpenAPI.
    """

    name: str
    kind: str
    about: str
    narrow: Narrow
    # For numbers of people, which are taken from the body of a POST only: the person's own id.
    identify: Callable[[str], UUID | None] | None = None

    @property
    def is_private(self) -> bool:
        return self.identify is not None

    def condition(self, value: str) -> Q:
        """Of all alternatives of a value."""
        try:
            return reduce(or_, [self.narrow(each) for each in value.split(",")])
        except ValueError as error:
            raise wrong(self.name) from error


def token(name: str, about: str, lookup: str, values: Mapping[str, Any] | None = None) -> Parameter:
    """A code, with or without `system|` before it. `values` maps codes to what `lookup` holds, or
    to several of it.
    """

    def narrow(text: str) -> Q:
        code = text.rpartition("|")[2]
        if not code:
            raise ValueError("no code")
        if values is None:
            return Q(**{lookup: code})
        if code not in values:
            raise ValueError("an unknown code")
        found = values[code]
        return Q(**{f"{lookup}__in": found if isinstance(found, tuple) else (found,)})

    return Parameter(name, "token", about, narrow)


def reference_to(name: str, about: str, kind: str, lookup: str) -> Parameter:
    """`Slot/<id>` or the id alone."""

    def narrow(text: str) -> Q:
        return Q(**{lookup: UUID(text.removeprefix(f"{kind}/"))})

    return Parameter(name, "reference", about, narrow)


def row_id(convert: Callable[[str], Any] = UUID) -> Parameter:
    """`_id`, of the rows' own kind."""
    return Parameter("_id", "token", "Logical id", lambda text: Q(pk=convert(text)))


def moment(name: str, about: str, lookup: str) -> Parameter:
    """A moment, compared with the span that the value's precision gives, in Taiwan's time."""

    def narrow(text: str) -> Q:
        prefix, begins, ends = read_date(text)
        return _compare(prefix, lookup, begins, ends)

    return Parameter(name, "date", about, narrow)


def day(name: str, about: str, lookup: str) -> Parameter:
    """As `moment`, for a column of days."""

    def narrow(text: str) -> Q:
        prefix, begins, ends = read_date(text)
        last = timezone.localtime(ends - timedelta(microseconds=1)).date()
        return _compare(prefix, lookup, timezone.localtime(begins).date(), last + timedelta(days=1))

    return Parameter(name, "date", about, narrow)


def identity(about: str, lookup: str) -> Parameter:
    """`patient:identifier` by our own random id; harmless in an address."""

    def narrow(text: str) -> Q:
        uri, _bar, value = text.rpartition("|")
        if uri not in ("", system(PATIENT)):
            raise ValueError("another naming system")
        return Q(**{lookup: UUID(value)})

    return Parameter(f"{PATIENT}:identifier", "token", about, narrow)


def number(about: str, identify: Callable[[str], UUID | None], lookup: str) -> Parameter:
    """`patient.identifier` by a number of the person. `identify` gives the person's id, None for
    nobody known, ValueError for no such number.
    """
    by_id = identity(about, lookup)
    return Parameter(f"{PATIENT}.identifier", "token", about, by_id.narrow, identify)


def read_date(text: str) -> tuple[str, datetime, datetime]:
    """The prefix, and from when until when (exclusive) the value reaches."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    value = found["moment"]
    begins, ends = _span(value)
    return found["prefix"] or "eq", begins, ends


def _span(value: str) -> tuple[datetime, datetime]:
    if "T" in value:
        exact = datetime.fromisoformat(value)
        begins = exact if timezone.is_aware(exact) else timezone.make_aware(exact)
        return begins, begins + _precision(value)
    parts = [int(part) for part in value.split("-")]
    first = date(*[*parts, 1, 1][:3])
    return _midnight(first), _midnight(_next(first, len(parts)))


def _precision(value: str) -> timedelta:
    clock_part = re.split(r"[Z+]|-(?=[0-9]{2}:[0-9]{2}$)", value.split("T")[1])[0]
    if "." in clock_part:
        return timedelta(microseconds=1)
    return timedelta(seconds=1) if clock_part.count(":") == 2 else timedelta(minutes=1)


def _next(first: date, parts: int) -> date:
    if parts == 1:
        return first.replace(year=first.year + 1)
    if parts == 2:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first + timedelta(days=1)


def _midnight(value: date) -> datetime:
    return timezone.make_aware(datetime.combine(value, datetime.min.time()))


def _compare(prefix: str, lookup: str, begins: Any, ends: Any) -> Q:
    """R4, 3.1.1.4.5, for a column that holds points: `sa` and `eb` are then `gt` and `lt`."""
    inside = Q(**{f"{lookup}__gte": begins, f"{lookup}__lt": ends})
    conditions = {
        "eq": inside,
        "ne": ~inside,
        "gt": Q(**{f"{lookup}__gte": ends}),
        "sa": Q(**{f"{lookup}__gte": ends}),
        "lt": Q(**{f"{lookup}__lt": begins}),
        "eb": Q(**{f"{lookup}__lt": begins}),
        "ge": Q(**{f"{lookup}__gte": begins}),
        "le": Q(**{f"{lookup}__lt": ends}),
    }
    return conditions[prefix]


@dataclass
class Search:
    """What a request asks for. `asked` are its parameters as a link may repeat them: without
    numbers of people, which became the person's id. `patient` is the one person it is about.
    """

    condition: Q = field(default_factory=Q)
    asked: list[tuple[str, str]] = field(default_factory=list)
    count: int = DEFAULT_COUNT
    cursor: str = ""
    patient: UUID | None = None

    @property
    def described(self) -> str:
        """For the access event, which holds the patient in a field of its own."""
        return "&".join(f"{n}={v}" for n, v in self.asked if not n.startswith(PATIENT))


def read_search(
    parameters: Sequence[Parameter],
    in_address: Iterable[tuple[str, str]],
    in_body: Iterable[tuple[str, str]] = (),
) -> Search:
    """Raises UnknownParameter, WrongValue and NotInAddress, all of them 400."""
    known = {each.name: each for each in parameters}
    search = Search()
    for public, pairs in ((True, in_address), (False, in_body)):
        for place, (name, value) in enumerate(pairs):
            if place >= MOST_VALUES:
                raise wrong(name)
            if name in CONTROLS:
                _control(search, name, value)
            elif name not in known:
                raise UnknownParameter(
                    detail={"parameter": name[:64]}, reason="fhir_unknown_parameter"
                )
            else:
                _narrow(search, known[name], value, public=public)
    return search


def _control(search: Search, name: str, value: str) -> None:
    if name == "_count":
        if not re.fullmatch("[0-9]{1,6}", value):
            raise wrong(name)
        search.count = min(int(value), LARGEST_COUNT)
    elif name == "_cursor":
        search.cursor = value


def _narrow(search: Search, parameter: Parameter, value: str, *, public: bool) -> None:
    if parameter.identify is not None:
        if public:
            raise NotInAddress(
                detail={"parameter": parameter.name}, reason="fhir_number_in_address"
            )
        value = f"{system(PATIENT)}|{_identified(parameter, value)}"
    search.condition &= parameter.condition(value)
    if parameter.name.startswith(PATIENT):
        search.asked.append((f"{PATIENT}:identifier", value))
        search.patient = UUID(value.split(",")[0].rpartition("|")[2])
    else:
        search.asked.append((parameter.name, value))


def _identified(parameter: Parameter, value: str) -> UUID:
    """Nobody's id for a number that was never seen: it finds nothing, as it should."""
    assert parameter.identify is not None
    try:
        return parameter.identify(value) or UUID(int=0)
    except ValueError as error:
        raise wrong(parameter.name) from error
