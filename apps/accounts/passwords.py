"""The password that goes with an NHI card at login, and the one-time code that registers it.

Not the card's own PIN: the NHI card cannot prove itself to us (DESIGN section 3), so its holder adds
something that only the holder knows. Kept as an argon2 digest.
"""

import hashlib
import secrets
from datetime import timedelta
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import PasswordAttempt, Person, RegistrationCode
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Denied, Refusal

TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
CODE_LIFETIME = timedelta(days=7)
# Read out and typed by hand: no 0/O, 1/I/L. 12 of 31 letters are 59 bits.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 12


class PasswordRefused(Denied):
    """One sentence for everything wrong.

    Unknown holder, no password yet, wrong password, wrong or old code (threat 15).
    """

    code = "LOGIN-PASSWORD"
    message = _("The card and what you typed do not belong together.")
    way_on = _(
        "Please try again; after five wrong tries you have to wait 15 minutes. If you have no"
        " password yet, register one with the code that your manager gives you."
    )


class TooManyTries(Refusal):
    status = 429
    code = "LOGIN-TRIES"
    message = _("Too many attempts with this card at this workstation.")
    way_on = _("Please wait 15 minutes, or log in with another card.")


def check_person_password(
    *, subject: UUID, person: Person | None, password: str, workstation: UUID
) -> Person:
    """The person, when the password is theirs; raises PasswordRefused or TooManyTries.

    `subject` is the identity that the card names and `person` who that is here, if anybody. A
    stranger costs as much time as somebody known.
    """
    _count_try(subject, workstation)
    known = person.password if person and person.password else _nobodys_password()
    right = check_password(password, known)
    if person is None or not person.is_active or not right:
        raise PasswordRefused(reason=_why(person))
    _forget_tries(subject, workstation)
    return person


def register_password(
    *,
    subject: UUID,
    person: Person | None,
    registration_code: str,
    password: str,
    workstation: UUID,
    by: Actor,
) -> Person:
    """Sets the first or a new password against the one-time code, which is then used up.

    Raises PasswordRefused or TooManyTries.
    """
    _count_try(subject, workstation)
    with transaction.atomic():
        if person is None or not person.is_active or not _take_code(person, registration_code):
            raise PasswordRefused(reason="registration_code_wrong")
        _save_password(person, password, by=by)
    _forget_tries(subject, workstation)
    return person


def set_password(*, person: Person, password: str, by: Actor) -> None:
    """Sets the password of somebody who has just shown the citizen certificate."""
    with transaction.atomic():
        _save_password(person, password, by=by)


def issue_registration_code(*, person: Person, by: Actor) -> str:
    """A new one-time code, valid for seven days and shown once; an earlier one ends."""
    code = "".join(secrets.choice(_LETTERS) for _position in range(_CODE_LENGTH))
    with transaction.atomic():
        RegistrationCode.objects.update_or_create(
            person=person,
            defaults={"digest": _digest(code), "expires_at": clock.now() + CODE_LIFETIME},
        )
        record_change(_about(Action.ISSUE_CODE, person, by=by))
    return code


def forget_old() -> None:
    """Removes attempts that no longer count and codes that have expired."""
    now = clock.now()
    PasswordAttempt.objects.filter(tried_at__lte=now - TRIES_WITHIN).delete()
    RegistrationCode.objects.filter(expires_at__lte=now).delete()


def _save_password(person: Person, password: str, *, by: Actor) -> None:
    person.password = make_password(password)
    person.save(update_fields=["password"])
    record_change(_about(Action.REGISTER_PASSWORD, person, by=by))


def _take_code(person: Person, code: str) -> bool:
    """Uses the code up in one statement, so that of two forms exactly one gets it."""
    typed = code.upper().replace(" ", "").replace("-", "")
    live = RegistrationCode.objects.filter(
        person=person, digest=_digest(typed), expires_at__gt=clock.now()
    )
    return bool(live.delete()[0])


def _count_try(subject: UUID, workstation: UUID) -> None:
    """Counted before it is checked: parallel guesses count as well."""
    now = clock.now()
    PasswordAttempt.objects.create(subject=subject, workstation_id=workstation, tried_at=now)
    tries = _tries(subject, workstation).filter(tried_at__gt=now - TRIES_WITHIN).count()
    if tries > TRIES:
        raise TooManyTries(reason="too_many_tries")


def _forget_tries(subject: UUID, workstation: UUID) -> None:
    _tries(subject, workstation).delete()


def _tries(subject: UUID, workstation: UUID) -> QuerySet[PasswordAttempt]:
    return PasswordAttempt.objects.filter(subject=subject, workstation_id=workstation)


@cache
def _nobodys_password() -> str:
    """Something to compare with where there is no password, so that time tells nothing."""
    return make_password(secrets.token_urlsafe(32))


def _why(person: Person | None) -> str:
    if person is None or not person.is_active:
        return "person_unknown_or_inactive"
    return "password_wrong" if person.password else "no_password_yet"


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _about(action: Action, person: Person, *, by: Actor) -> dict[str, object]:
    return event(action, by=by, detail={"person": str(person.pk)})
