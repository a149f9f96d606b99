"""The command line: see the package's docstring."""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from config.supervisor import lock, processes
from config.supervisor.catalogs import compile_catalogues
from config.supervisor.demo import run_demo, say
from config.supervisor.environment import left_by_running, servers
from config.supervisor.errors import AlreadyRunning, Stopped, SupervisorError
from config.supervisor.places import PROJECT, Places, empty, places_of
from config.supervisor.preparation import database_steps, test_steps
from config.supervisor.steps import run_steps

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.supervisor", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="prepare and run everything until Ctrl-C")
    commands.add_parser("reset", help="stop the demo and remove its data")
    test = commands.add_parser("test", help="run pytest on servers of its own")
    test.add_argument("arguments", nargs=argparse.REMAINDER)
    run = commands.add_parser("run", help="run a command with the servers and their environment")
    run.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser.parse_args(argv)


def _stop_on_signals() -> None:
    def handle(number: int, frame: FrameType | None) -> None:
        for each in SIGNALS:  # a second Ctrl-C must not interrupt the stopping
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in SIGNALS:
        signal.signal(each, handle)
    # make forwards no SIGKILL: without this the demo would outlive a killed `make demo`.
    if os.environ.get("ANKANG_END_WITH_PARENT"):
        processes.end_with_parent(signal.SIGTERM, os.getppid())()


def run_reset(places: Places) -> None:
    """Stop the running demo, if any, and empty the var folder."""
    if lock.stop_holder(places):
        say("Stopped the running demo.")
    with lock.hold(places):
        empty(places)
    say(f"示範資料已清空。 Emptied {places.var}.")


def run_test(places: Places, arguments: Sequence[str]) -> int:
    """pytest on fresh, forgetful servers with roles; returns its exit code."""
    with lock.hold(places):
        empty(places)
        with servers(places, os.environ, forgetful=True) as env:
            compile_catalogues(PROJECT)
            run_steps(test_steps(env), env=env, cwd=PROJECT, say=lambda _: None)
            return _run([sys.executable, "-m", "pytest", *(arguments or _workers())], env)


def _workers() -> list[str]:
    """The whole suite uses every core; servers that were given are not there twice."""
    cores = os.cpu_count() or 1
    given = os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL")
    if given or cores == 1:
        return []
    return [f"--numprocesses={cores}", "--dist=loadgroup", "--no-loadscope-reorder"]


def run_command(places: Places, command: Sequence[str]) -> int:
    """`command` beside the running demo, or on servers started for it; returns its exit code."""
    try:
        with lock.hold(places), servers(places, os.environ) as env:
            compile_catalogues(PROJECT)
            run_steps(database_steps(env), env=env, cwd=PROJECT, say=lambda _: None)
            return _run(command, env)
    except AlreadyRunning:
        running = left_by_running(places)
        if running is None:
            raise
        return _run(command, running)


def _run(command: Sequence[str], env: dict[str, str]) -> int:
    process = processes.spawn(command, env=env, cwd=PROJECT, log=None)
    try:
        while not processes.wait_ended(process, 3600):
            pass
    finally:
        processes.stop(process, timeout=10)
    return process.returncode


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code is the command's, or 1 with a plain message."""
    options = _arguments(argv)
    rest: list[str] = getattr(options, "arguments", [])
    rest = rest[1:] if rest[:1] == ["--"] else rest
    _stop_on_signals()
    try:
        if options.command == "demo":
            run_demo(places_of(os.environ), os.environ)
        elif options.command == "reset":
            run_reset(places_of(os.environ))
        elif options.command == "test":
            return run_test(places_of(os.environ, "test"), rest)
        elif not rest:
            raise SupervisorError("Which command? python -m config.supervisor run -- COMMAND")
        else:
            return run_command(places_of(os.environ), rest)
    except Stopped:
        return 0 if options.command == "demo" else 130
    except (SupervisorError, subprocess.SubprocessError) as error:
        print(f"\n{error}\n", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
