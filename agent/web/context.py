"""What every request handler needs, kept on the application's state."""

from dataclasses import dataclass, field

from starlette.requests import Request

from agent.authentication import Authentication
from agent.enrolment import Enrolment
from agent.flow import CardFlow
from agent.his.desk import HisDesk
from agent.keys import AgentKey
from agent.life import Life
from agent.modules import ModuleStore
from agent.options import Options, OptionsFile
from agent.problems import Problem
from agent.reader_test import ReaderTest
from agent.readers.base import ReaderBackend
from agent.readers.virtual.tray import VirtualTray
from agent.removal import RemovalWatch
from agent.restart import Restarter
from agent.server import ServerClient
from agent.servers import ServerList
from agent.settings import Settings
from agent.standing import Standing


@dataclass
class Bench:
    """What the console's pages share: one person works here, in however many tabs.

    `test` is the reader test that is under way; `refused` why the last form that went to a path was
    refused; `draft` settings that could not be saved as they were chosen.
    """

    test: ReaderTest | None = None
    refused: dict[str, Problem] = field(default_factory=dict)
    draft: Options | None = None


@dataclass(frozen=True)
class Agent:
    """One running agent. `tray` is None where the cards are real."""

    settings: Settings
    key: AgentKey
    servers: ServerList
    backend: ReaderBackend
    tray: VirtualTray | None
    client: ServerClient
    flow: CardFlow
    modules: ModuleStore
    enrolment: Enrolment
    removals: RemovalWatch
    standing: Standing
    options: OptionsFile
    authentication: Authentication
    restarter: Restarter
    signer: str
    his: HisDesk
    his_token: str = field(repr=False)
    life: Life = field(default_factory=Life)
    bench: Bench = field(default_factory=Bench)


def agent_of(request: Request) -> Agent:
    agent = request.app.state.agent
    assert isinstance(agent, Agent)
    return agent
