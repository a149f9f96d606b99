"""A look at somebody of the same family name, or at oneself.

The platform has no addresses of patients, so a family name is all there is to compare; a common one
says nothing, so only rare ones are flagged.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.audit.models import Event
from apps.booking.models import Booking
from apps.oversight.rules.base import Flag, Period, Rule, Threshold, looks_in

# Family names of two characters (內政部, 全國姓名統計分析); all others have one.
_COMPOUND = "歐陽 司馬 司徒 上官 諸葛 東方 皇甫 尉遲 公孫 夏侯 范姜 張簡 令狐 長孫"
COMPOUND = frozenset(_COMPOUND.split())


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """Family names that at most `limit` of a thousand users have; oneself always."""
    looks = list(looks_in(period).order_by("recorded_at", "id"))
    if not looks:
        return
    people = Person.objects.in_bulk({event.actor for event in looks if event.actor})
    patients = _names_of_patients({event.patient for event in looks if event.patient})
    rare = _rare_names(limit)
    seen = set()
    for event in looks:
        person = people.get(event.actor)
        key = f"{event.actor}:{event.patient}"
        if person is None or key in seen:
            continue
        own = person.identity_id == event.patient
        name = family_name(person.name)
        alike = name in rare and name == family_name(patients.get(event.patient, ""))
        if own or alike:
            seen.add(key)
            yield _flag(key, event, own=own, name=name)


def _flag(key: str, event: Event, *, own: bool, name: str) -> Flag:
    return Flag(key=key, event=event, facts={"name": name, "own": own}, patient=event.patient)


def family_name(name: str) -> str:
    """`王` of 王大明, `歐陽` of 歐陽菲菲; the last word of a name in letters."""
    name = name.strip()
    if name.isascii():
        return name.rpartition(" ")[2].casefold()
    return name[:2] if name[:2] in COMPOUND else name[:1]


def _rare_names(limit: int) -> set[str]:
    names = Counter(
        family_name(name)
        for name in Person.objects.filter(is_service=False)
        .values_list("name", flat=True)
        .iterator()
    )
    most = max(1, names.total() * limit / 1000)
    return {name for name, count in names.items() if count <= most}


def _names_of_patients(patients: set[UUID]) -> dict[UUID | None, str]:
    """As their latest booking has them."""
    rows = Booking.objects.filter(patient__in=patients).order_by("booked_at")
    return dict(rows.values_list("patient", "name"))


RULE = Rule(
    code="same_family",
    title=_("Same family name"),
    sentence=_("Person and patient have the same family name ({name}), or are the same person."),
    find=find,
    limit=Threshold(_("of a thousand users may have a family name that is flagged"), 20, 1, 1000),
)
