"""A look at a patient whose card nobody had read nearby."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from apps.audit.models import Event
from apps.audit.terms import Action
from apps.oversight.rules.base import Flag, Period, Rule, Threshold, looks_in

# Manual 2: 輸入身分證號; the number may be typed there, so a card proves nothing either way.
WITHOUT_CARD = ("TCH",)


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """No card of the patient read at the same institution in the `limit` minutes before.

    A booking that its own institution opens from a list (the day at the site) has no card either;
    the explanations say so.
    """
    read = Event.objects.filter(
        patient=OuterRef("patient"),
        institution=OuterRef("institution"),
        action=Action.READ_CARD,
        outcome="permitted",
        recorded_at__lte=OuterRef("recorded_at"),
        recorded_at__gte=OuterRef("recorded_at") - timedelta(minutes=limit),
    )
    looks = looks_in(period).exclude(service__in=WITHOUT_CARD).filter(~Exists(read))
    seen = set()
    for event in looks.order_by("recorded_at", "id"):
        # One finding for a person, a patient and an hour: reloading a page is not another look.
        key = f"{event.actor}:{event.patient}:{event.recorded_at:%Y%m%d%H}"
        if key not in seen:
            seen.add(key)
            yield Flag(key=key, event=event, patient=event.patient)


RULE = Rule(
    code="no_card",
    title=_("No card read nearby"),
    sentence=_(
        "Data of a patient was opened, and the patient's card had not been read there before."
    ),
    find=find,
    limit=Threshold(_("minutes before, within which a card counts"), 60, 5, 1440),
)
