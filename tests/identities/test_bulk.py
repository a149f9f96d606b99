"""Many numbers at once: the same identities as one by one."""

import threading

import pytest
from django.db import connection

from apps.identities.models import Identifier, Identity
from apps.identities.services import find, find_many, identify, identify_many, reveal
from apps.identities.terms import IdentifierKind

NUMBERS = ["A123456789", "A223456781", "C121103509"]
KIND = IdentifierKind.NATIONAL_ID


@pytest.mark.django_db
class TestIdentifyMany:
    def test_known_people_keep_their_identity_and_new_ones_get_one(self, first_key: None) -> None:
        known = identify(kind=KIND, value=NUMBERS[0])
        found = identify_many(kind=KIND, numbers=NUMBERS)
        assert found[NUMBERS[0]] == known
        assert len(set(found.values())) == Identity.objects.count() == 3
        assert {number: find(kind=KIND, value=number) for number in NUMBERS} == found

    def test_twice_gives_the_same(self, first_key: None) -> None:
        first = identify_many(kind=KIND, numbers=[*NUMBERS, NUMBERS[0]])
        assert identify_many(kind=KIND, numbers=reversed(NUMBERS)) == first

    def test_the_number_can_be_revealed(self, first_key: None) -> None:
        found = identify_many(kind=KIND, numbers=NUMBERS)
        for number, identity in found.items():
            assert reveal(Identifier.objects.get(identity=identity)) == number

    def test_numbers_under_an_older_key_are_found(self, use_keys, first_key: None) -> None:
        before = identify_many(kind=KIND, numbers=NUMBERS[:2])
        use_keys("k1", "k2", current="k2")
        after = identify_many(kind=KIND, numbers=NUMBERS)
        assert {number: after[number] for number in before} == before
        assert Identity.objects.count() == 3

    def test_finding_makes_nobody(self, first_key: None) -> None:
        assert find_many(kind=KIND, numbers=NUMBERS) == {}
        assert not Identity.objects.exists()

    def test_nobody_is_found_in_no_numbers(self, first_key: None) -> None:
        assert identify_many(kind=KIND, numbers=[]) == {}


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_people_at_once(first_key: None) -> None:
    start, results = threading.Barrier(2, timeout=10), []

    def run() -> None:
        try:
            start.wait()
            results.append(identify_many(kind=KIND, numbers=NUMBERS))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert results[0] == results[1]
    assert Identity.objects.count() == len(NUMBERS)
