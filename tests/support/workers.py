"""A run of the whole suite has a worker for each core (pytest-xdist), and each worker its own servers.

They cannot share: the sealer's horizon is that of the whole PostgreSQL cluster, so one worker's open
transaction would hold up another's seals (DESIGN 5). The first worker uses the run's servers.

A plugin and not a conftest, because settings are read before any conftest is.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

FIRST = "gw0"
# Where one file must not run beside another: one stack of programs, one pcscd for each machine.
TOGETHER = {"tests/browser": "browser", "tests/engines": "browser", "tests/pcsc": "pcsc"}

_servers = ExitStack()


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Runs around pytest-django's, which reads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", FIRST)
    if worker != FIRST:
        _start_servers_of(worker)
    yield


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _servers.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files stay whole, and those that take longest come first, so that no worker ends alone."""
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    if config.getoption("numprocesses", None) or "PYTEST_XDIST_WORKER" in os.environ:
        order = {group: place for place, group in enumerate(dict.fromkeys(TOGETHER.values()))}
        items.sort(key=lambda item: order.get(groups[item], len(order)))


def _group(item: pytest.Item) -> str:
    path = item.nodeid.partition("::")[0]
    return TOGETHER.get("/".join(path.split("/")[:2]), path)


def _start_servers_of(worker: str) -> None:
    """Servers as the supervisor starts them for a test run, in a folder below that of the run."""
    from config.supervisor.environment import servers, unset
    from config.supervisor.places import PROJECT, Places
    from config.supervisor.preparation import test_steps
    from config.supervisor.steps import run_steps

    places = Places(Path(os.environ["ANKANG_VAR"]) / worker)
    env = _servers.enter_context(servers(places, unset(os.environ), forgetful=True))
    run_steps(test_steps(env), env=env, cwd=PROJECT, say=lambda _: None)
    os.environ.update(env)
