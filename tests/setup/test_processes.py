"""Children are started, watched, restarted with growing pauses, and none is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.supervisor import leftovers, ports, processes
from config.supervisor.demo import has_command, programs
from config.supervisor.environment import Ports
from config.supervisor.errors import StepFailed, SupervisorError
from config.supervisor.places import PROJECT, Places
from config.supervisor.processes import LONGEST_PAUSE, Keeper, Program, pause_before_restart
from config.supervisor.steps import Step, run_steps

NAP = (sys.executable, "-c", "import time; time.sleep(600)")
# Starts a grandchild, tells its number, and sleeps.
FAMILY = (
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)",
)


def wait_for(condition: Callable[[], bool], timeout: float = 15.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that only waits for its init does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def start(command: tuple[str, ...], log: Path) -> subprocess.Popen[bytes]:
    return processes.spawn(command, env=os.environ, cwd=log.parent, log=log)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    log = tmp_path / "family.log"
    parent = start(FAMILY, log)
    assert wait_for(lambda: log.exists() and log.read_text().endswith("\n"))
    yield parent, int(log.read_text())
    processes.kill_group(parent.pid)


def test_stopping_leaves_no_grandchild(family: tuple[subprocess.Popen[bytes], int]) -> None:
    parent, grandchild = family
    processes.stop(parent)
    assert wait_for(lambda: not alive(grandchild))


def test_a_killed_program_takes_its_group_with_it(
    family: tuple[subprocess.Popen[bytes], int],
) -> None:
    parent, grandchild = family
    parent.kill()
    assert processes.wait_ended(parent, 10)
    assert wait_for(lambda: not alive(grandchild))


def test_one_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"
    code = (
        "import signal, time\n"
        "signal.signal(15, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(600)"
    )
    stubborn = start((sys.executable, "-c", code), log)
    assert wait_for(lambda: "deaf" in log.read_text())
    processes.stop(stubborn, timeout=0.2)
    assert stubborn.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows PR_SET_PDEATHSIG")
def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom config.supervisor import processes\n"
        f"child = processes.spawn({NAP!r}, env=os.environ, cwd=Path('/'), log=Path(sys.argv[1]))\n"
        "print(child.pid, flush=True)\ntime.sleep(600)"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "log")], stdout=subprocess.PIPE, cwd=PROJECT
    )
    with supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert alive(child)
        supervisor.kill()
    assert wait_for(lambda: not alive(child))


def test_the_pause_grows_and_stays_bounded() -> None:
    pauses = [pause_before_restart(failures) for failures in range(12)]
    assert pauses[:5] == [0, 0.5, 1, 2, 4]
    assert pauses == sorted(pauses)
    assert pause_before_restart(10_000) == LONGEST_PAUSE


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_dies_is_started_again_after_its_pause(tmp_path: Path) -> None:
    clock, said = Clock(), list[str]()
    program = Program("brief", (sys.executable, "-c", "raise SystemExit(3)"))
    keeper = Keeper(program, os.environ, tmp_path, tmp_path / "brief.log", said.append, clock)
    keeper.start()
    for failures in (1, 2, 3):
        assert wait_for(lambda: bool(keeper.tick() or keeper.process is None))
        assert keeper.failures == failures
        keeper.tick()
        assert keeper.process is None, "started again before the pause was over"
        clock.now += pause_before_restart(failures)
        keeper.tick()
        assert keeper.process is not None
    assert "brief ended (code 3)" in said[0]
    keeper.stop()


def test_a_program_that_ran_long_counts_as_healthy_again(tmp_path: Path) -> None:
    clock = Clock()
    keeper = Keeper(Program("nap", NAP), os.environ, tmp_path, tmp_path / "nap.log", print, clock)
    keeper.failures = 7
    keeper.start()
    assert keeper.process is not None
    clock.now += processes.STEADY_AFTER + 1
    keeper.process.kill()
    assert wait_for(lambda: bool(keeper.tick() or keeper.process is None))
    assert keeper.failures == 1


def test_a_log_that_grew_too_long_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_bytes(b"x" * (processes.LOG_LIMIT + 1))
    assert processes.wait_ended(start((sys.executable, "-c", "print('new')"), log), 10)
    assert log.read_text() == "new\n"


PORTS = Ports(web=8000, agent=24777, hospital=24782)


def test_the_process_table_has_a_place_for_every_program() -> None:
    table = programs(PORTS, Places(Path("var")))
    names = [program.name for program in table]
    assert names == ["web", "agent", "agent-hospital", "worker", "beat", "witness", "sealer"]
    web, agent, hospital = table[:3]
    assert web.command[-2:] == ("--port", "8000")
    assert agent.command[-2:] == ("--port", "24777")
    assert hospital.command[-2:] == ("--port", "24782")
    assert agent.env != hospital.env  # a key of its own


def test_the_sealer_runs_as_soon_as_its_command_exists() -> None:
    sealer = programs(PORTS, Places(Path("var")))[-1]
    assert sealer.needed() == has_command("audit_seal")
    assert has_command("create_roles")
    assert not has_command("no_such_command")


def say_nothing(text: str) -> None:
    pass


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_steps_wait_for_those_they_come_after(tmp_path: Path) -> None:
    said: list[str] = []
    printed = run_steps(
        [
            Step("last", python("print(open('made').read())"), after=("first",)),
            Step("first", python("open('made', 'w').write('yes'); print('done')")),
            Step(
                "with env", python("import os; print(os.environ['COLOUR'])"), env={"COLOUR": "blue"}
            ),
        ],
        env=os.environ,
        cwd=tmp_path,
        say=said.append,
    )
    assert printed == {"first": "done\n", "last": "yes\n", "with env": "blue\n"}
    assert said.index("first ✓") < said.index("last ✓")


def test_a_failing_step_ends_the_others_and_shows_its_output(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(StepFailed, match=r"“broken” failed \(code 7\):\nwhy it broke"):
        run_steps(
            [
                Step("nap", NAP),
                Step("broken", python("print('why it broke'); raise SystemExit(7)")),
            ],
            env=os.environ,
            cwd=tmp_path,
            say=say_nothing,
        )
    assert time.monotonic() - began < 30


def test_a_pid_file_of_the_dead_is_cleared_away(tmp_path: Path) -> None:
    pid_file = tmp_path / "server.pid"
    for content in ("", "not a number", "4194304999", str(os.getpid())):
        pid_file.write_text(content)
        leftovers.clear(pid_file, tmp_path)
        assert not pid_file.exists()
    leftovers.clear(pid_file, tmp_path)


def test_an_orphan_that_still_works_in_the_folder_is_ended(tmp_path: Path) -> None:
    orphan = start(NAP, tmp_path / "orphan.log")
    assert wait_for(lambda: leftovers.belongs(orphan.pid, tmp_path))
    (tmp_path / "server.pid").write_text(f"{orphan.pid}\n{tmp_path}\n")
    leftovers.clear(tmp_path / "server.pid", tmp_path, grace=0.3)
    assert processes.wait_ended(orphan, 10)


def test_a_taken_port_is_refused_with_the_variable_to_set() -> None:
    port = ports.free_port()
    assert f"127.0.0.1:{port}" in ports.loopback_addresses(port, "PORT")
    import socket

    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(SupervisorError, match=rf"make demo AGENT_PORT={port + 1}"),
    ):
        ports.loopback_addresses(port, "AGENT_PORT")


def test_whether_a_port_is_free_is_asked_without_taking_it() -> None:
    import socket

    port = ports.free_port()
    assert ports.is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)
    assert not ports.is_free(70000)


def test_a_silent_port_has_no_status() -> None:
    assert ports.status_of(ports.free_port(), "/readyz", "localhost") is None
