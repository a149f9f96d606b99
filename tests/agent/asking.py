"""What a server asks of the agent in most tests of its card pages."""

from tests.agent.conftest import Workstation


def returned(workstation: Workstation, transaction: str) -> str:
    return f"{workstation.server.origin}/cards/{transaction}/return"


def login(workstation: Workstation, *cards: str) -> str:
    return workstation.server.start(cards=list(cards or ("HPC",)))


def reading(workstation: Workstation, **changes: object) -> str:
    return workstation.server.start(cards=["NHI"], reading=True, **changes)
