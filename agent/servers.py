"""The servers this workstation was installed for. No other is ever called or redirected to."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

SERVERS_FILE = "servers.json"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})


class ServerListError(Exception):
    """The list of servers, or an origin meant for it, cannot be used."""


class UnknownServer(Exception):
    """A transaction names a server that is not in the list, or the list is empty."""


@dataclass(frozen=True)
class Server:
    """`id` is the origin's host and port, as `&server=` names it."""

    id: str
    origin: str

    def owns(self, url: str) -> bool:
        """Whether `url` has exactly this server's scheme, host and port, and no credentials."""
        try:
            parts = urlsplit(url)
            same = f"{parts.scheme}://{parts.netloc}" == self.origin
        except ValueError:
            return False
        # Browsers read a backslash as a slash and drop control characters; we accept neither.
        return same and "\\" not in url and url.isprintable() and " " not in url


class ServerList:
    """The file `servers.json` in the agent's home: id to origin, the default one last.

    It is read anew at each use, so that `python -m agent trust` needs no restart.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / SERVERS_FILE

    def all(self) -> list[Server]:
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise ServerListError(f"{SERVERS_FILE} is not JSON.") from error
        if not isinstance(listed, dict):
            raise ServerListError(f"{SERVERS_FILE} must map ids to origins.")
        return [Server(str(id_), normal_origin(str(origin))) for id_, origin in listed.items()]

    def find(self, server_id: str | None) -> Server:
        """The server of that id; without an id the one trusted last. Raises UnknownServer."""
        servers = self.all()
        if server_id is None and servers:
            return servers[-1]
        for server in servers:
            if server.id == server_id:
                return server
        raise UnknownServer(server_id or "")

    def trust(self, origin: str) -> Server:
        """Add `origin`, and make it the default. Trusting it again only does the latter."""
        server = server_at(origin)
        kept = [other for other in self.all() if other.id != server.id]
        self._write([*kept, server])
        return server

    def _write(self, servers: list[Server]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f".{SERVERS_FILE}.{os.getpid()}")
        draft.write_text(json.dumps({s.id: s.origin for s in servers}, indent=2) + "\n", "utf-8")
        draft.replace(self._path)


def server_at(origin: str) -> Server:
    """The server of an origin, in the list or not. Raises ServerListError."""
    origin = normal_origin(origin)
    return Server(urlsplit(origin).netloc, origin)


def normal_origin(text: str) -> str:
    """`text` as `scheme://host[:port]`, lower case, default port left out.

    Raises ServerListError for anything else, and for plain HTTP to another machine.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ServerListError(f"{text!r} is not an origin.") from error
    if not host or parts.username or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ServerListError(
            f"{text!r} is not an origin such as https://host or http://host:port."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL_HOSTS):
        raise ServerListError(f"{text!r} must be https; http is only for this machine itself.")
    default = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")
