"""The demo's computers: each an agent of its own, enrolled at an institution of its own.

A login is for the institution of its workstation, so whoever works elsewhere needs another computer.
On one machine that is an agent on another port; the demo's login page asks where one stands.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workstation:
    """`program` names the agent in the process table and its folder below var."""

    program: str
    institution: str
    name: str


# The first is where everybody stands who chooses nothing.
COUNTER = Workstation("agent", "5901012345", "健全藥局 pharmacy")
EMERGENCY_ROOM = Workstation("agent-hospital", "1101010021", "培靈醫院急診室 hospital")
WORKSTATIONS = (COUNTER, EMERGENCY_ROOM)
