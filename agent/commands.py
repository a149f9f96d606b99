"""The small programs of the manual's UTILITY folder, as commands of this one (manual 4)."""

import asyncio
import webbrowser
from pathlib import Path

import httpx

from agent.frozen import outside_libraries
from agent.keys import load_or_make_key
from agent.modules import ModuleStore
from agent.server import ServerAnswerError, ServerClient, ServerRefused, ServerUnreachable
from agent.servers import ServerList, UnknownServer
from agent.settings import Settings
from agent.update import check_bundle, install, opened, read_release_key


class CommandFailed(Exception):
    """What a command could not do, in words for the person at the terminal."""


def restart(settings: Settings, *, kind: str) -> str:
    """csResetFsim.exe: the running agent of this user starts parts of itself anew."""
    try:
        answer = httpx.post(
            f"{settings.origin}/restart", json={"type": kind}, trust_env=False, timeout=30.0
        )
    except httpx.HTTPError as error:
        raise CommandFailed(f"No agent answers on port {settings.port}: start it first.") from error
    if answer.status_code != httpx.codes.OK:
        raise CommandFailed(f"The agent did not restart: {answer.status_code}.")
    return f"restarted: {kind}"


def diagnosis(settings: Settings) -> str:
    """The running agent's self-diagnosis as text."""
    try:
        answer = httpx.get(f"{settings.origin}/diagnosis.txt", trust_env=False, timeout=30.0)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise CommandFailed(f"No agent answers on port {settings.port}: start it first.") from error
    return answer.text


def update(settings: Settings, folder: Path, *, only_check: bool) -> str:
    """Check a bundle, a folder or the downloaded file, against the release key and install it.

    Raises UpdateRefused.
    """
    with opened(folder) as unpacked:
        bundle = check_bundle(unpacked, key=read_release_key(settings.home))
        if not only_check:
            install(bundle)
    return f"{bundle.version}: {'checked' if only_check else 'installed; restart the agent'}"


def fhir_token(settings: Settings) -> str:
    """A token of this workstation for a program that reads over FHIR; good for five minutes."""
    return asyncio.run(_fetch_token(settings))


async def _fetch_token(settings: Settings) -> str:
    pins = ModuleStore(settings.home).pins
    key = load_or_make_key(settings.home)
    client = ServerClient(key=key, demo=False, pins=pins, ca_file=settings.ca_file)
    try:
        return await client.fhir_token(server=ServerList(settings.home).find(None))
    except UnknownServer as error:
        raise CommandFailed("No server is trusted yet: ankang-agent trust ORIGIN.") from error
    except ServerRefused as refused:
        raise CommandFailed(f"{refused.code} {refused.message}".strip()) from refused
    except (ServerUnreachable, ServerAnswerError) as error:
        raise CommandFailed(f"The server gave no token: {error}.") from error
    finally:
        await client.close()


def open_lights(settings: Settings) -> None:
    """CSWATCH=ENABLE: the small window with the lights, where there is a desktop to open it on."""
    with outside_libraries():
        webbrowser.open(f"{settings.origin}/lights", new=1)
