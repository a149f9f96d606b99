"""Adding the users of a whole file: a handful of statements, however many lines it has."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection, transaction

from apps.access.models import Membership
from apps.access.services.members import (
    RolesExclude,
    about_membership,
    auditors_among,
    end_what_expired,
)
from apps.access.services.people import PersonDetails, check_details
from apps.access.terms import MembershipRole, MembershipState
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.services import record_changes
from apps.audit.terms import Action
from apps.core.errors import Refusal
from apps.identities.services import identify_many
from apps.identities.terms import IdentifierKind

USER = MembershipRole.USER


def add_users(*, people: Sequence[PersonDetails], institution: UUID, by: Actor) -> int:
    """Adds all or none; those who are users already stay as they are. How many were new.

    `people` are each somebody else, with numbers in their normal spelling. Raises the first
    RolesExclude or people.DetailsDiffer, with all of them in `detail["refused"]`: their place among
    `people`, from 0, to what it says.
    """
    # Before the transaction: each number that is made holds a lock until its own one ends.
    identities = identify_many(
        kind=IdentifierKind.NATIONAL_ID, numbers=[each.national_id for each in people]
    )
    with transaction.atomic():
        known = _register(people, identities)
        here = [known[identities[each.national_id]] for each in people]
        auditors = auditors_among([person.pk for person in here])
        refused = {
            place: refusal
            for place, (details, person) in enumerate(zip(people, here, strict=True))
            if (refusal := _refusal(details, person, auditors)) is not None
        }
        if refused:
            raise _first_of(refused)
        return _make_members(here, institution, by=by)


def _register(people: Sequence[PersonDetails], identities: dict[str, UUID]) -> dict[UUID, Person]:
    """The people by identity, made where nobody was known; those known before are locked.

    Who is made here nobody else can see yet, so that nobody else can make an auditor of them.
    """
    made = {
        identities[each.national_id]: Person(
            identity_id=identities[each.national_id], name=each.name, birth_date=each.birth_date
        )
        for each in people
    }
    Person.objects.bulk_create(made.values(), ignore_conflicts=True)
    known = {each.identity_id: each for each in Person.objects.filter(identity__in=made)}
    _lock(person.pk for key, person in known.items() if person.pk != made[key].pk)
    _complete([made[key] for key in known], [person.pk for person in known.values()])
    return known


def _lock(people: Iterable[UUID]) -> None:
    """As members.lock_person, always in the same order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(person, 4))"
            " FROM (SELECT unnest(%s::text[]) AS person ORDER BY 1) people",
            [[str(person) for person in people]],
        )


def _complete(told: Sequence[Person], people: Sequence[UUID]) -> None:
    """Whoever is known without a birth date gets the one of the file."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Person._meta.db_table} person SET birth_date = told.birth_date"
            " FROM unnest(%s::uuid[], %s::date[]) AS told(id, birth_date)"
            " WHERE person.id = told.id AND person.birth_date IS NULL",
            [list(people), [each.birth_date for each in told]],
        )


def _refusal(details: PersonDetails, person: Person, auditors: set[UUID]) -> Refusal | None:
    try:
        check_details(person, details)
    except Refusal as refusal:
        return refusal
    return RolesExclude(reason="auditor") if person.pk in auditors else None


def _first_of(refused: dict[int, Refusal]) -> Refusal:
    first = next(iter(refused.values()))
    told = {place: f"{each.message} {each.way_on} [{each.code}]" for place, each in refused.items()}
    first.detail["refused"] = told
    return first


def _make_members(people: Sequence[Person], institution: UUID, *, by: Actor) -> int:
    everybody = [person.pk for person in people]
    end_what_expired(everybody, institution, USER)
    active = Membership.objects.filter(
        person__in=everybody, institution=institution, role=USER, state=MembershipState.ACTIVE
    )
    already = set(active.values_list("person", flat=True))
    new = [
        Membership(person=person, institution_id=institution, role=USER, appointed_by_id=by.person)
        for person in people
        if person.pk not in already
    ]
    Membership.objects.bulk_create(new, batch_size=1000)
    if new:
        record_changes([about_membership(Action.ADD_USER, each, by=by) for each in new])
    return len(new)
