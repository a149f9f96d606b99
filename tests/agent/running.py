"""Runs ASGI applications on real loopback sockets, in a thread."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette


@contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    """A bound loopback socket: the port is known before the application is built."""
    # With its protocol named, asyncio switches off the collecting of small packets (TCP_NODELAY).
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        yield bound, bound.getsockname()[1]


class _Server(uvicorn.Server):
    def __init__(self, app: Starlette, **options: Any) -> None:
        options |= {"log_config": None, "access_log": False, "timeout_graceful_shutdown": 1}
        super().__init__(uvicorn.Config(app, **options))
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def serving(app: Starlette, bound: socket.socket, **options: Any) -> Iterator[None]:
    """`options` are uvicorn's, for example of TLS."""
    server = _Server(app, **options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        assert server.ready.wait(10)
        yield
    finally:
        server.should_exit = True
        thread.join(10)
