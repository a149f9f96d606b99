"""The small programs of the manual's UTILITY folder, as commands of this one (manual 4)."""

import webbrowser

import httpx

from agent.settings import Settings


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


def open_lights(settings: Settings) -> None:
    """CSWATCH=ENABLE: the small window with the lights, where there is a desktop to open it on."""
    webbrowser.open(f"{settings.origin}/lights", new=1)
