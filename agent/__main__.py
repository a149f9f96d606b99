"""`ankang-agent serve | key | trust <origin> | his <apiName> … | restart | diagnose`, and more."""

import argparse
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import uvicorn

from agent import __version__, commands
from agent.frozen import CARD_MODULE, is_single_file
from agent.his import command
from agent.his.token import TokenError
from agent.keys import AgentKeyError, load_or_make_key
from agent.logbook import start_logging
from agent.servers import ServerList, ServerListError
from agent.settings import LOOPBACK, Settings, SettingsError, read_settings
from agent.signers.card_kinds import CardRulesError
from agent.update import UpdateRefused
from agent.web.app import build_agent, build_app
from agent.web.language import LANGUAGES, gettext_noop, translations


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit status. The single file alone, double-clicked, serves."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given == [CARD_MODULE]:
        return _load_card_module()
    if not given and is_single_file():
        given = ["serve"]
    try:
        settings = read_settings()
        return _run(_parser(settings).parse_args(given), settings)
    except EXPECTED as error:
        print(error, file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.command in command.COMMANDS:
        status, text = command.run(options, settings)
        print(text)
        return status
    match options.command:
        case "serve":
            serve(replace(settings, port=options.port))
        case "key":
            print(load_or_make_key(settings.home).public)
        case "trust":
            print(ServerList(settings.home).trust(options.origin).id)
        case "restart":
            print(commands.restart(settings, kind=options.type))
        case "update":
            print(commands.update(settings, Path(options.folder), only_check=options.check))
        case "diagnose":
            print(commands.diagnosis(settings), end="")
        case "fhir-token":
            print(commands.fhir_token(settings))
    return 0


def _load_card_module() -> int:
    """The single file as the child of `agent.signers.pkcs11.process`; nobody types this command."""
    from agent.signers.pkcs11 import child  # it needs python-pkcs11, which the rest does not

    child.main()
    return 0


PORT_TAKEN = gettext_noop(
    "Port %(port)s is taken. %(who)s End that program, or start this agent with another --port (servers "
    "have to know it as well)."
)


class PortTaken(Exception):
    """Another program, mostly another agent, serves the address already."""


EXPECTED = (
    SettingsError,
    ServerListError,
    AgentKeyError,
    CardRulesError,
    commands.CommandFailed,
    UpdateRefused,
    PortTaken,
    TokenError,
    command.CommandError,
)


def serve(settings: Settings) -> None:
    """Serve the loopback address until the process is told to end. Raises PortTaken."""
    check_port(settings)
    if is_single_file():
        print(f"{settings.origin}/", flush=True)  # for who double-clicked it and sees a window
    start_logging(settings.home)
    agent = build_agent(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(agent),
            host=LOOPBACK,
            port=settings.port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )

    def stop() -> None:
        server.should_exit = True

    agent.life.stop = stop
    if agent.options.read().cswatch:
        threading.Timer(1.0, commands.open_lights, [settings]).start()
    server.run()


def check_port(settings: Settings) -> None:
    """Raises PortTaken with the words for the person who starts a second agent, in both languages."""
    try:
        with socket.create_connection((LOOPBACK, settings.port), timeout=1.0):
            pass
    except OSError:
        return  # nobody listens there
    who, version = _who_answers(settings)
    lines = []
    for language in LANGUAGES:
        say = translations(language).gettext
        lines.append(
            say(PORT_TAKEN) % {"port": settings.port, "who": say(who) % {"version": version}}
        )
    raise PortTaken("\n".join(lines))


def _who_answers(settings: Settings) -> tuple[str, str]:
    """A sentence that may name a version, and the version."""
    try:
        answer = httpx.get(f"{settings.origin}/status.json", trust_env=False, timeout=2.0).json()
    except (httpx.HTTPError, ValueError):
        answer = None
    if isinstance(answer, dict) and answer.get("code") == "user_foreign":
        return gettext_noop("It is the card agent of another user of this computer."), ""
    if isinstance(answer, dict) and "readers" in answer:
        version = str(answer.get("version"))[:20]
        return gettext_noop("It is a card agent, version %(version)s, that runs already."), version
    return gettext_noop("It is another program."), ""


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ankang-agent", description="The workstation agent.")
    parser.add_argument("--version", action="version", version=__version__)
    subcommands = parser.add_subparsers(dest="command", required=True)
    serving = subcommands.add_parser("serve", help="serve the pages on the loopback address")
    serving.add_argument("--port", type=int, default=settings.port)
    subcommands.add_parser("key", help="print the public key, made when absent")
    trusting = subcommands.add_parser("trust", help="add a server to the list, as the default")
    trusting.add_argument("origin", help="for example https://vpn.example.gov.tw")
    command.add_parsers(subcommands)
    restarting = subcommands.add_parser(
        "restart", help="start readers and cards anew (csResetFsim)"
    )
    restarting.add_argument("--type", default="all", choices=["all", "0", "1", "2", "3"])
    updating = subcommands.add_parser("update", help="install a signed offline bundle")
    updating.add_argument("folder", help="the bundle: a folder, or the file as it was downloaded")
    updating.add_argument("--check", action="store_true", help="check it only")
    subcommands.add_parser("diagnose", help="print the running agent's self-diagnosis")
    subcommands.add_parser("fhir-token", help="print a token for reading over FHIR")
    return parser


if __name__ == "__main__":
    sys.exit(main())
