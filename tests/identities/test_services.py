"""From a number to a person and back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from apps.identities.models import Identifier, Identity
from apps.identities.numbers import WrongChecksum
from apps.identities.sealing import SealError
from apps.identities.services import find, identify, reveal, rotate
from apps.identities.terms import IdentifierKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_key")]

NATIONAL_ID = IdentifierKind.NATIONAL_ID
NUMBER = "A123456789"


def identify_number(value: str = NUMBER) -> UUID:
    return identify(kind=NATIONAL_ID, value=value)


def test_a_number_leads_to_one_identity():
    identity = identify_number()
    assert identify_number() == identity
    assert find(kind=NATIONAL_ID, value=NUMBER) == identity
    assert Identity.objects.get().pk == identity


def test_spelling_makes_no_other_identity():
    assert identify_number(" a123456789 ") == identify_number()


def test_another_number_or_kind_is_another_identity():
    assert (
        len(
            {
                identify_number(),
                identify_number("A800000014"),
                identify(kind=IdentifierKind.PASSPORT, value=NUMBER),
            }
        )
        == 3
    )


def test_an_unknown_number_is_not_found_and_leaves_nothing():
    assert find(kind=NATIONAL_ID, value=NUMBER) is None
    assert not Identity.objects.exists()


def test_a_wrong_number_is_refused_before_anything_is_stored():
    for look_up in (find, identify):
        with pytest.raises(WrongChecksum):
            look_up(kind=NATIONAL_ID, value="A123456788")
    assert not Identifier.objects.exists()


def test_a_known_number_takes_one_trip(django_assert_num_queries):
    identity = identify_number()
    with django_assert_num_queries(1):
        assert identify_number() == identity
    with django_assert_num_queries(1):
        assert find(kind=NATIONAL_ID, value=NUMBER) == identity


def test_one_trip_also_while_keys_are_rotated(use_keys, django_assert_num_queries):
    identity = identify_number()
    use_keys("k1", "k2", current="k2")
    with django_assert_num_queries(1):
        assert find(kind=NATIONAL_ID, value=NUMBER) == identity


def test_nothing_stored_tells_the_number():
    identify_number()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(i)::text, sealed, digest FROM identities_identifier i")
        for row in cursor.fetchall():
            for value in row:
                text = bytes(value) if isinstance(value, memoryview | bytes) else value.encode()
                assert NUMBER.encode() not in text
                assert NUMBER.encode().hex().encode() not in text


def test_reveals_the_number():
    identify_number(" a123456789")
    assert reveal(Identifier.objects.get()) == NUMBER


def test_a_seal_moved_to_another_row_does_not_open():
    identify_number()
    identify_number("A800000014")
    mine, other = Identifier.objects.all()
    mine.sealed = other.sealed
    with pytest.raises(SealError):
        reveal(mine)


def test_a_seal_under_another_kind_does_not_open():
    identify_number()
    identifier = Identifier.objects.get()
    identifier.kind = IdentifierKind.PASSPORT
    with pytest.raises(SealError):
        reveal(identifier)


def test_the_database_keeps_a_number_with_one_identity():
    identify_number()
    copy = Identifier.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.create(
            identity=Identity.objects.create(),
            kind=copy.kind,
            key_id=copy.key_id,
            digest=copy.digest,
            sealed=copy.sealed,
        )


class TestRotation:
    def test_moves_a_number_to_the_current_key(self, use_keys):
        identity = identify_number()
        use_keys("k1", "k2", current="k2")
        assert rotate(Identifier.objects.get()) is True
        use_keys("k2", current="k2")
        identifier = Identifier.objects.get()
        assert (identifier.key_id, reveal(identifier)) == ("k2", NUMBER)
        assert identify_number() == identity

    def test_a_number_seen_meanwhile_makes_no_second_identity(self, use_keys):
        identity = identify_number()
        use_keys("k1", "k2", current="k2")
        assert identify_number() == identity
        assert Identifier.objects.get().key_id == "k1"

    def test_of_a_number_under_the_current_key_does_nothing(self):
        identify_number()
        assert rotate(Identifier.objects.get()) is False

    def test_of_a_number_that_somebody_else_moved_does_nothing(self, use_keys):
        identify_number()
        use_keys("k1", "k2", current="k2")
        stale = Identifier.objects.get()
        assert rotate(Identifier.objects.get()) is True
        assert rotate(stale) is False

    def test_a_removed_key_leaves_its_numbers_unreadable(self, use_keys):
        identify_number()
        use_keys("k2", current="k2")
        assert find(kind=NATIONAL_ID, value=NUMBER) is None
        with pytest.raises(SealError):
            reveal(Identifier.objects.get())


RACERS = 8


def race(*turns) -> list[UUID]:
    """Each turn in a thread and a connection of its own, all let go at once."""
    barrier = Barrier(len(turns))

    def run(turn) -> UUID:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return turn()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(turns)) as pool:
        return list(pool.map(run, turns))


@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_all_get_the_same_identity(self):
        found = race(*[identify_number] * RACERS)
        assert len(set(found)) == 1
        assert (Identity.objects.count(), Identifier.objects.count()) == (1, 1)

    def test_also_when_half_of_them_hold_the_next_key(self, monkeypatch, use_keys):
        """During a rotation processes disagree for a while about which key is the current one."""
        from apps.core.keyfiles import KeyRing
        from apps.identities import sealing, services
        from apps.identities.keys import key_ring

        use_keys("k1", "k2", current="k1")
        live = key_ring().live
        turns = iter([0, 1] * RACERS)
        mine: dict[int, KeyRing] = {}

        def ring_of_this_process() -> KeyRing:
            import threading

            thread = threading.get_ident()
            if thread not in mine:
                mine[thread] = KeyRing(current=live[next(turns)], live=live)
            return mine[thread]

        for module in (services, sealing):
            monkeypatch.setattr(module, "key_ring", ring_of_this_process)
        found = race(*[identify_number] * RACERS)
        assert len(set(found)) == 1
        assert Identifier.objects.count() == 1
        assert len({ring.current.id for ring in mine.values()}) == 2
