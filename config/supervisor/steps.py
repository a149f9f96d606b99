"""Preparation steps: short commands with an order, as many at a time as the order allows.

No threads: the children's parent-death signal counts the starting thread as the parent.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.supervisor import processes
from config.supervisor.errors import StepFailed


@dataclass(frozen=True)
class Step:
    """A command that ends. `after` names the steps that must have succeeded before it starts."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Running:
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def printed(self) -> str:
        with self.output:
            self.output.seek(0)
            return self.output.read().decode(errors="replace")


def manage(*arguments: str) -> tuple[str, ...]:
    """The command line of `manage.py`."""
    return (sys.executable, "manage.py", *arguments)


def run_steps(
    steps: Sequence[Step],
    *,
    env: Mapping[str, str],
    cwd: Path,
    say: Callable[[str], None],
) -> dict[str, str]:
    """Run all steps and return what each printed, by name.

    The first failure ends the others and raises StepFailed with the end of its output.
    """
    waiting = list(steps)
    running: dict[str, _Running] = {}
    printed: dict[str, str] = {}
    try:
        while waiting or running:
            for step in [step for step in waiting if all(name in printed for name in step.after)]:
                waiting.remove(step)
                running[step.name] = _start(step, env, cwd)
            for name in [name for name, run in running.items() if processes.has_ended(run.process)]:
                run = running.pop(name)
                printed[name] = run.printed()
                if run.process.returncode:
                    last = "\n".join(printed[name].splitlines()[-25:])
                    raise StepFailed(f"“{name}” failed (code {run.process.returncode}):\n{last}")
                say(f"{name} ✓")
            time.sleep(0.02)
    finally:
        for run in running.values():
            processes.stop(run.process, timeout=3)
            run.output.close()
    return printed


def _start(step: Step, env: Mapping[str, str], cwd: Path) -> _Running:
    output = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the step
    process = processes.spawn(step.command, env={**env, **step.env}, cwd=cwd, log=output.fileno())
    return _Running(process, output)
