"""The running stack for the engines, and each engine as its tests get it: fresh, and ended after."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import stack as browser_stack
from tests.browser.conftest import pharmacist, readers  # noqa: F401
from tests.browser.people import enlarge_slots
from tests.browser.stack import Stack, running_stack
from tests.engines.engine import Engine
from tests.engines.firefox import Firefox
from tests.engines.programs import DISPLAY_SERVER, FIREFOX, WEBKIT_DRIVER, what_engine_lacks
from tests.engines.webkit import WebKit

ENGINES: dict[str, tuple[Callable[[Path], Engine], tuple[str, ...]]] = {
    "firefox": (Firefox, (FIREFOX,)),
    "webkit": (WebKit, (WEBKIT_DRIVER, DISPLAY_SERVER)),
}


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any, django_test_environment: None
) -> Iterator[Stack]:
    """The browser tests' own stack may be running already: this one has other databases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(browser_stack, "DATABASE", "ankang_engines")
        patch.setattr(browser_stack, "REDIS_DATABASE", "/8")
        with running_stack(tmp_path_factory.mktemp("engines"), django_db_blocker) as running:
            enlarge_slots(running)
            yield running


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    make, needed = ENGINES[request.param]
    missing = what_engine_lacks(*needed)
    if missing and os.geteuid() != 0:
        pytest.skip(missing)  # without root nobody can install it; CI runs as root
    assert not missing, missing
    made = make(tmp_path)
    try:
        yield made
        assert made.complaints() == []
    finally:
        made.close()
