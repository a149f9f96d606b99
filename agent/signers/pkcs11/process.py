"""Starts the child process, hands it an order, and turns its answer into values or exceptions."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import agent
from agent.cards.errors import (
    CardError,
    CardModuleFailed,
    CardModuleMissing,
    CardRemoved,
    CardUnreadable,
    PinLocked,
    PinMalformed,
    PinPadCancelled,
    PinWrong,
)
from agent.cards.pin import Pin
from agent.frozen import CARD_MODULE, is_single_file

ROOT = Path(agent.__file__).resolve().parent.parent
LONGEST_ANSWER = 256 * 1024
ERRORS: dict[str, type[CardError]] = {
    fault.code: fault
    for fault in (
        CardModuleFailed,
        CardModuleMissing,
        CardRemoved,
        CardUnreadable,
        PinLocked,
        PinMalformed,
        PinPadCancelled,
    )
}


def call_module(
    module: Path, order: dict[str, Any], *, seconds: float, pin: Pin | None = None
) -> dict[str, Any]:
    """The answer of a fresh child process. Raises CardError, CardModuleFailed after `seconds`."""
    child = subprocess.Popen(
        _command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd=ROOT,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: no black window
    )
    try:
        _hand_over(child, {**order, "module": str(module)}, pin)
        written, _ = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as late:
        written = late.output or b""
        if not written.endswith(b"\n"):  # else only the module's end hangs, and we have the answer
            raise CardModuleFailed(f"no answer within {seconds} s") from None
    finally:
        child.kill()
        child.communicate()
    return _checked(written, child.returncode)


def _command() -> list[str]:
    """The single file starts itself; `agent.__main__` hands over to the child's module."""
    if is_single_file():
        return [sys.executable, CARD_MODULE]
    return [sys.executable, "-m", "agent.signers.pkcs11.child"]


def _hand_over(child: "subprocess.Popen[bytes]", order: dict[str, Any], pin: Pin | None) -> None:
    """Write the order and the PIN: never as an argument or in the environment, which others see."""
    pipe = child.stdin
    assert pipe is not None
    with contextlib.suppress(BrokenPipeError):  # a child that is dead already: its answer tells
        pipe.write(json.dumps(order).encode() + b"\n")
        if pin is not None:
            pin.pass_to(pipe.write)
    pipe.close()
    child.stdin = None


def _checked(written: bytes, status: int) -> dict[str, Any]:
    try:
        answer = json.loads(written[:LONGEST_ANSWER])
    except ValueError:
        raise CardModuleFailed(f"the module ended its process with status {status}") from None
    if not isinstance(answer, dict):
        raise CardModuleFailed("the answer is none")
    if "error" not in answer:
        return answer
    raise _fault(answer)


def _fault(answer: dict[str, Any]) -> CardError:
    code, detail, flags = answer["error"], str(answer.get("detail")), answer.get("flags") or {}
    if code in {"pin_wrong", "pin_locked"} and flags.get("locked"):
        return PinLocked(detail)
    if code == "pin_wrong":
        return PinWrong(1 if flags.get("final_try") else None)
    return ERRORS.get(str(code), CardModuleFailed)(detail)
