"""The emergency room, and the demo's patients with records in all eleven tabs."""

from collections.abc import Callable

import pytest

from apps.portal.demo.emergency import chou, hsieh, tseng
from apps.portal.demo.emergency.loading import load_patient
from tests.support.emergency import EmergencyRoom

HSIEH, CHOU, TSENG = "A227081940", "H125617303", "B120334705"
_MAKE = {HSIEH: hsieh.make, CHOU: chou.make, TSENG: tseng.make}


@pytest.fixture
def room(db: None) -> EmergencyRoom:
    return EmergencyRoom()


@pytest.fixture
def load() -> Callable[[str], None]:
    """`load(TSENG)` puts one of the demo's patients into the tables."""
    return lambda number: load_patient(_MAKE[number]())
