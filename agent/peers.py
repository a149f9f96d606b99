"""Which operating-system user is at the other end of a loopback connection.

The loopback address is the whole machine's: on a shared computer other users could drive this
user's card. Linux tells the owner of each socket in /proc/net/tcp (proc(5)).
"""

import os
import socket
import sys
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ESTABLISHED = "01"
MAPPED = "0000000000000000FFFF0000"  # an IPv4 address within IPv6, as the table writes it


def can_tell() -> bool:
    """Whether this system says who owns a socket."""
    return sys.platform == "linux"


def is_own(*, peer_port: int, port: int) -> bool:
    """Whether the connection from `peer_port` to our `port` belongs to the agent's own user.

    Only established connections count: a socket that was closed already has no owner any more, and
    the table then names root.
    """
    peer, own = _written(peer_port), _written(port)
    wanted = {(peer, own), (MAPPED + peer, MAPPED + own)}
    return any(_owner(table, wanted) == os.getuid() for table in TABLES)


def _owner(table: Path, wanted: set[tuple[str, str]]) -> int | None:
    """The user id in the line whose local and remote address are `wanted`."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        _, local, remote, state, _, _, _, uid, *_ = line.split()
        if (local, remote) in wanted and state == ESTABLISHED:
            return int(uid)
    return None


def _written(port: int) -> str:
    """127.0.0.1 and a port as the table writes them: the address in the machine's byte order."""
    address = int.from_bytes(socket.inet_aton("127.0.0.1"), sys.byteorder)
    return f"{address:08X}:{port:04X}"
