"""What another limit of queries would do, counted from what people do now (FEATURES A14)."""

from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from apps.access.wording import Effect, previews
from apps.core import clock
from apps.queries.models import Query, QueryLimit


@previews("queries.querylimit")
def preview_limit(before: Model, after: Model) -> list[Effect]:
    """The busiest person of the last such minutes, and who would have to wait at this moment."""
    assert isinstance(before, QueryLimit)
    assert isinstance(after, QueryLimit)
    people = Query.objects.people_of(since=clock.now() - after.length)
    asked_before = Query.objects.people_of(since=clock.now() - before.length)
    return [
        Effect("people", _("People who queried within the new minutes"), people.count()),
        Effect(
            "most",
            _("Most patients that one of them asked about"),
            people.aggregate(most=Max("patients"))["most"] or 0,
        ),
        Effect(
            "stopped_before",
            _("People who have to wait now"),
            asked_before.filter(patients__gte=before.patients).count(),
        ),
        Effect(
            "stopped_after",
            _("People who would have to wait then"),
            people.filter(patients__gte=after.patients).count(),
        ),
    ]
