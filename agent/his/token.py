"""The local token: who can read this user's files may call the HIS functions."""

import os
import secrets
from pathlib import Path

TOKEN_FILE = "his.token"  # noqa: S105  # a file name
TOKEN_LENGTH = 43


class TokenError(Exception):
    """The token's file cannot be used."""


def load_or_make_token(home: Path) -> str:
    """The token in `home`, made when absent; 43 characters that only the file's owner can read.

    Two first starts at once end with the same token. Raises TokenError.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / TOKEN_FILE
    if not path.exists():
        _make(path)
    return read_token(home)


def read_token(home: Path) -> str:
    """Raises TokenError where there is none, or others may read it."""
    path = home / TOKEN_FILE
    try:
        token = path.read_text(encoding="ascii").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise TokenError(f"{path} cannot be read: start the agent first.") from error
    if os.name == "posix" and mode & 0o077:
        raise TokenError(f"{TOKEN_FILE} may be read by others: its mode must be 0600.")
    if len(token) != TOKEN_LENGTH:
        raise TokenError(f"{TOKEN_FILE} holds no token: remove it and start the agent again.")
    return token


def _make(path: Path) -> None:
    draft = path.with_name(f".{TOKEN_FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    try:
        os.link(draft, path)  # a complete file or none, and never over another's token
    except FileExistsError:
        pass
    finally:
        draft.unlink()
