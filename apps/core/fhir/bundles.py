"""Pages of results, by keyset: page 1,000 costs what page 1 does, and nobody is shown twice."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet

from apps.core.fhir.searching import Search, wrong
from apps.core.fhir.words import Json, base_url

CURSOR = "_cursor"


def page_of(rows: QuerySet[Any], search: Search, order: tuple[str, ...]) -> tuple[list[Any], str]:
    """The rows of one page in `order` (field names, all ascending or all with `-`; the last one
    unique), and the cursor of the next, empty on the last.
    """
    found = rows.filter(search.condition).order_by(*order)
    if search.cursor:
        found = found.filter(_after(found, search.cursor, order))
    page = list(found[: search.count + 1])
    if len(page) <= search.count:
        return page, ""
    page = page[: search.count]
    return page, _write_cursor(page[-1], order) if page else ""


def _after(rows: QuerySet[Any], cursor: str, order: tuple[str, ...]) -> Q:
    """Of two fields: a > x or (a = x and b > y), so written that an index on a is used."""
    step = "lt" if order[0].startswith("-") else "gt"
    names = [name.lstrip("-") for name in order]
    values = _read_cursor(rows, cursor, names)
    condition = Q(**{f"{names[-1]}__{step}": values[-1]})
    for name, value in reversed(list(zip(names[:-1], values[:-1], strict=True))):
        condition = Q(**{f"{name}__{step}e": value}) & (Q(**{f"{name}__{step}": value}) | condition)
    return condition


def _write_cursor(row: Any, order: tuple[str, ...]) -> str:
    values = [_plain(_value(row, name.lstrip("-"))) for name in order]
    return urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def _value(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _read_cursor(rows: QuerySet[Any], cursor: str, names: list[str]) -> list[Any]:
    """The values of a cursor as their columns hold them; any other text is a wrong value."""
    try:
        values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(names):
            raise ValueError("a cursor of something else")
        return [
            _field(rows.model, name).to_python(value)
            for name, value in zip(names, values, strict=True)
        ]
    except (ValueError, TypeError, binascii.Error, ValidationError, FieldDoesNotExist) as error:
        raise wrong(CURSOR) from error


def _field(model: Any, name: str) -> Any:
    *path, last = name.split("__")
    for part in path:
        model = model._meta.get_field(part).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


def searchset(
    kind: str, entries: list[Json], search: Search, cursor: str, *, total: int | None = None
) -> Json:
    """The Bundle of one page. Its links hold no number of a person, whatever was searched for."""
    links = [{"relation": "self", "url": _link(kind, search, search.cursor)}]
    if cursor:
        links.append({"relation": "next", "url": _link(kind, search, cursor)})
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if total is not None:
        bundle["total"] = total
    if entries:
        bundle["entry"] = [
            {
                "fullUrl": f"{base_url()}/{each['resourceType']}/{each['id']}",
                "resource": each,
                "search": {"mode": "match"},
            }
            for each in entries
        ]
    return bundle


def _link(kind: str, search: Search, cursor: str) -> str:
    pairs = [*search.asked, ("_count", str(search.count))]
    if cursor:
        pairs.append((CURSOR, cursor))
    return f"{base_url()}/{kind}?{urlencode(pairs)}"
