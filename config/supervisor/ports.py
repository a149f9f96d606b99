"""Loopback ports: which are free, and when a web server answers on one."""

import errno
import http.client
import socket
from contextlib import suppress

from config.supervisor.errors import SupervisorError

IPV4, IPV6 = "127.0.0.1", "::1"


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.create_server((IPV4, 0)) as server:
        port: int = server.getsockname()[1]
    return port


def loopback_addresses(port: int, variable: str) -> list[str]:
    """The `address:port` pairs to listen on, since `localhost` may mean either family in a browser.

    SupervisorError, naming the environment variable to set, when one of them is taken: a browser would
    otherwise meet the other program.
    """
    usable = []
    for family, address in ((socket.AF_INET, IPV4), (socket.AF_INET6, IPV6)):
        try:
            socket.create_server((address, port), family=family).close()
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise SupervisorError(
                    f"Port {port} is taken or not allowed. Choose another: make demo {variable}={port + 1}"
                ) from None
            if family == socket.AF_INET:
                raise
            continue  # a machine without IPv6
        usable.append(f"[{address}]:{port}" if family == socket.AF_INET6 else f"{address}:{port}")
    return usable


def is_free(port: int) -> bool:
    """Whether a program may listen on this loopback port at this moment."""
    if not 0 < port < 2**16:
        return False
    try:
        socket.create_server((IPV4, port)).close()
    except OSError:
        return False
    return True


def status_of(port: int, path: str, host: str) -> int | None:
    """The HTTP status of `GET path` on 127.0.0.1; None when nothing answers yet."""
    connection = http.client.HTTPConnection(IPV4, port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        try:
            connection.request("GET", path, headers={"Host": f"{host}:{port}"})
            return connection.getresponse().status
        finally:
            connection.close()
    return None
