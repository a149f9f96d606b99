"""The limit of queries with its first figures; from then on they are the operators' data."""

from apps.queries.models import QueryLimit
from apps.queries.terms import LIMIT


def load() -> None:
    QueryLimit.objects.bulk_create([QueryLimit(code=LIMIT)], ignore_conflicts=True)
