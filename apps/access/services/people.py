"""Registering people by number, name and birth date before they ever logged in."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.core.errors import Unprocessable
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind


class DetailsDiffer(Unprocessable):
    """One sentence whatever differs, so that nobody tries out birth dates of strangers."""

    code = "ACC-PERSON"
    message = _("The number, the name and the birth date do not belong together.")
    way_on = _("Please compare them with the person's card.")


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


def _spelled(name: str) -> str:
    """Cards pad names with blanks of both widths; those do not make another name."""
    return "".join(unicodedata.normalize("NFKC", name).split())
