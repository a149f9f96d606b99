"""A hospital whose program reads over FHIR, with the key of an enrolled workstation."""

import pytest

from tests.fhir.program import Program
from tests.support.booking import make_campaign, make_site
from tests.support.world import entitle, make_institution


@pytest.fixture
def program(db) -> Program:
    return Program(entitle(make_institution(name="培靈醫院"), "FHIR"))


@pytest.fixture
def stranger(db) -> Program:
    return Program(entitle(make_institution(name="另一家醫院"), "FHIR"))


@pytest.fixture
def site(program):
    return make_site(make_campaign(), institution=program.institution)
