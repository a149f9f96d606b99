"""`python -m agent serve | key | trust <origin> | his <apiName> …`, and the small tools."""

import argparse
import logging
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace

import httpx
import uvicorn

from agent.his import command
from agent.his.token import TokenError
from agent.keys import AgentKeyError, load_or_make_key
from agent.servers import ServerList, ServerListError
from agent.settings import LOOPBACK, Settings, SettingsError, read_settings
from agent.signers.card_kinds import CardRulesError
from agent.web.app import build_agent, build_app

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit status."""
    try:
        settings = read_settings()
        options = _parser(settings).parse_args(arguments)
        if options.command == "serve":
            serve(replace(settings, port=options.port))
        elif options.command == "key":
            print(load_or_make_key(settings.home).public)
        elif options.command in command.COMMANDS:
            status, text = command.run(options, settings)
            print(text)
            return status
        else:
            print(ServerList(settings.home).trust(options.origin).id)
    except EXPECTED as error:
        print(error, file=sys.stderr)
        return 2
    return 0


class PortTaken(Exception):
    """Another program, mostly another agent, serves the address already."""


EXPECTED = (
    SettingsError,
    ServerListError,
    AgentKeyError,
    CardRulesError,
    PortTaken,
    TokenError,
    command.CommandError,
)


def serve(settings: Settings) -> None:
    """Serve the loopback address until the process is told to end. Raises PortTaken."""
    check_port(settings)
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    # Its request lines would carry transaction ids into the log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        build_app(build_agent(settings)),
        host=LOOPBACK,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


def check_port(settings: Settings) -> None:
    """Raises PortTaken with the words for the person who starts a second agent."""
    try:
        with socket.create_connection((LOOPBACK, settings.port), timeout=1.0):
            pass
    except OSError:
        return  # nobody listens there
    raise PortTaken(
        f"Port {settings.port} is taken. {_who_answers(settings)} End that program, or start this "
        "agent with another --port (servers have to know it as well)."
    )


def _who_answers(settings: Settings) -> str:
    try:
        answer = httpx.get(f"{settings.origin}/status.json", trust_env=False, timeout=2.0).json()
    except (httpx.HTTPError, ValueError):
        answer = None
    if isinstance(answer, dict) and answer.get("code") == "user_foreign":
        return "It is the card agent of another user of this computer."
    if isinstance(answer, dict) and "readers" in answer:
        return f"It is a card agent, version {answer.get('version')}, that runs already."
    return "It is another program."


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agent", description="The workstation agent.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve the pages on the loopback address")
    serving.add_argument("--port", type=int, default=settings.port)
    commands.add_parser("key", help="print the public key, made when absent")
    trusting = commands.add_parser("trust", help="add a server to the list, as the default")
    trusting.add_argument("origin", help="for example https://vpn.example.gov.tw")
    command.add_parsers(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
