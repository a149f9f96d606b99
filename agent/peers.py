"""Which operating-system user is at the other end of a loopback connection.

The loopback address is the whole machine's: on a shared computer other users could drive this
user's card. Linux tells the owner of a socket, quickly by sock_diag(7), else in the table of all
sockets, /proc/net/tcp (proc(5)).
"""

import os
import socket
import struct
import sys
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LOOPBACK = socket.inet_aton("127.0.0.1")
ESTABLISHED = 1
MAPPED = "0000000000000000FFFF0000"  # an IPv4 address within IPv6, as the table writes it

# Numbers and shapes of <linux/netlink.h>, <linux/sock_diag.h> and <linux/inet_diag.h>.
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
REQUEST = struct.Struct("=BBBxI2s2s16s16sI8s")  # family, protocol, extensions, states, socket
ANSWER = struct.Struct("=BBBB2s2s16s16sI8sIIIII")  # family, state, …, user, inode
ANY_STATE, NO_COOKIE = 0xFFFFFFFF, b"\xff" * 8


def can_tell() -> bool:
    """Whether this system says who owns a socket."""
    return sys.platform == "linux"


def is_own(*, peer_port: int, port: int) -> bool:
    """Whether the connection from `peer_port` to our `port` belongs to the agent's own user.

    Only established connections count: a socket that was closed already has no owner any more, and
    the system then names root.
    """
    owner = _asked(peer_port, port)
    if owner is None:
        owner = _looked_up(peer_port, port)
    return owner == os.getuid()


def _asked(peer_port: int, port: int) -> int | None:
    """The user id by sock_diag; None where the system does not answer that."""
    ports = peer_port.to_bytes(2, "big"), port.to_bytes(2, "big")
    addresses = LOOPBACK.ljust(16, b"\0"), LOOPBACK.ljust(16, b"\0")
    wanted = REQUEST.pack(
        socket.AF_INET, socket.IPPROTO_TCP, 0, ANY_STATE, *ports, *addresses, 0, NO_COOKIE
    )
    size = HEADER.size + len(wanted)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as asking:
            asking.settimeout(1.0)
            header = HEADER.pack(size, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0)
            asking.sendto(header + wanted, (0, 0))
            answer = asking.recv(4096)
    except OSError:
        return None
    _, kind, *_ = HEADER.unpack_from(answer)
    if kind != SOCK_DIAG_BY_FAMILY:
        return None
    _, state, _, _, *found = ANSWER.unpack_from(answer, HEADER.size)
    if state != ESTABLISHED or tuple(found[:2]) != ports:
        return None
    return int(found[-2])


def _looked_up(peer_port: int, port: int) -> int | None:
    """The user id in the tables; None when the connection is in none of them."""
    peer, own = _written(peer_port), _written(port)
    wanted = {(peer, own), (MAPPED + peer, MAPPED + own)}
    owners = (_in_table(table, wanted) for table in TABLES)
    return next((owner for owner in owners if owner is not None), None)


def _in_table(table: Path, wanted: set[tuple[str, str]]) -> int | None:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return None
    for line in lines:
        _, local, remote, state, _, _, _, uid, *_ = line.split()
        if (local, remote) in wanted and int(state, 16) == ESTABLISHED:
            return int(uid)
    return None


def _written(port: int) -> str:
    """127.0.0.1 and a port as the table writes them: the address in the machine's byte order."""
    return f"{int.from_bytes(LOOPBACK, sys.byteorder):08X}:{port:04X}"
