"""Registering people by number, name and birth date before they ever logged in."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core.errors import Invalid, NotFound, Unprocessable
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind


class DetailsDiffer(Unprocessable):
    """One sentence whatever differs, so that nobody tries out birth dates of strangers."""

    code = "ACC-PERSON"
    message = _("The number, the name and the birth date do not belong together.")
    way_on = _(
        "Please compare them with the person's card. If they are right, ask the operator to correct"
        " what is registered."
    )


@dataclass(frozen=True)
class PersonDetails:
    """What somebody is appointed by; the number stays out of repr(), tracebacks and logs."""

    national_id: str = field(repr=False)
    birth_date: date
    name: str


def register_person(*, details: PersonDetails) -> Person:
    """The person of this number, made when unknown. Raises DetailsDiffer, numbers.InvalidNumber.

    What is registered is never changed by an appointment: a manager elsewhere cannot rename people.
    """
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=details.national_id)
    person, created = Person.objects.get_or_create(
        identity_id=identity, defaults={"name": details.name, "birth_date": details.birth_date}
    )
    if created:
        return person
    check_details(person, details)
    if person.birth_date is None:
        Person.objects.filter(pk=person.pk, birth_date=None).update(birth_date=details.birth_date)
    return person


def check_details(person: Person, details: PersonDetails) -> None:
    """Whether this is how the person is registered. Raises DetailsDiffer."""
    if _spelled(person.name) != _spelled(details.name):
        raise DetailsDiffer(reason="name_differs")
    if person.birth_date not in (None, details.birth_date):
        raise DetailsDiffer(reason="birth_date_differs")


def correct_person(*, person: UUID, name: str, birth_date: date, reason: str, by: Actor) -> None:
    """What somebody typed wrongly when they registered this person, by their card. The number stays.

    Raises NotFound, also for an institution's own account, and Invalid when nothing is different.
    """
    with transaction.atomic():
        held = Person.objects.select_for_update().filter(pk=person, is_service=False).first()
        if held is None:
            raise NotFound(reason="person_unknown")
        told = {"name": name.strip(), "birth_date": birth_date}
        changed = sorted(field for field, value in told.items() if getattr(held, field) != value)
        if not changed:
            raise Invalid(_("Nothing was different, so nothing was changed."), reason="no_change")
        Person.objects.filter(pk=person).update(**told)
        record_change(
            event(
                Action.CORRECT_PERSON,
                by=by,
                object_type="person",
                object_id=str(person),
                detail={"fields": ",".join(changed), "note": reason.strip()},
            )
        )


def _spelled(name: str) -> str:
    """Cards pad names with blanks of both widths; those do not make another name."""
    return "".join(unicodedata.normalize("NFKC", name).split())
