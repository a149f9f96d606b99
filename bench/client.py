"""A load client that costs little itself: prepared requests over kept-open sockets, a few processes."""

import multiprocessing
import re
import socket
import time
from collections import Counter
from dataclasses import dataclass

import psutil

from bench.servers import PORT

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
HELLO = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"


@dataclass(frozen=True)
class Load:
    """What came back: answers by status, and how long the run took."""

    statuses: Counter[int]
    seconds: float

    def rate(self, status: int) -> float:
        return self.statuses[status] / self.seconds


def send(requests: list[bytes], *, to: psutil.Process, clients: int, seconds: float) -> Load:
    """Sends each request at most once, over `clients` connections, until they or the time are used up."""
    shares = [requests[client::clients] for client in range(clients)]
    connections = _open_evenly(to, clients)
    with multiprocessing.get_context("fork").Pool(clients, _inherit, [connections]) as pool:
        begun = time.perf_counter()
        counted = pool.starmap(_one_client, [(n, share, seconds) for n, share in enumerate(shares)])
        took = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    return Load(sum(counted, Counter()), took)


def _open_evenly(web: psutil.Process, clients: int) -> list[socket.socket]:
    """As many connections with each worker, as a balancer in front would make them. Whichever worker
    wakes first takes a connection, and one that has them all serves half of what two do.
    """
    workers = {worker.pid: worker for worker in web.children()}
    room = dict.fromkeys(workers, -(-clients // len(workers)))
    held: list[socket.socket] = []
    while len(held) < clients:
        connection = socket.create_connection(("127.0.0.1", PORT))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(HELLO)
        _read_answer(connection)
        worker = _server_of(connection, list(workers.values()))
        if room[worker] > 0:
            room[worker] -= 1
            held.append(connection)
        else:
            connection.close()
    return held


def _server_of(connection: socket.socket, workers: list[psutil.Process]) -> int:
    port = connection.getsockname()[1]
    for worker in workers:
        if any(each.raddr and each.raddr.port == port for each in worker.net_connections("tcp")):
            return worker.pid
    raise ConnectionError("no worker has this connection")


_connections: list[socket.socket] = []


def _inherit(connections: list[socket.socket]) -> None:
    _connections[:] = connections


def _one_client(number: int, requests: list[bytes], seconds: float) -> Counter[int]:
    statuses: Counter[int] = Counter()
    connection, end = _connections[number], time.perf_counter() + seconds
    for request in requests:
        if time.perf_counter() > end:
            break
        connection.sendall(request)
        statuses[_read_answer(connection)] += 1
    return statuses


def _read_answer(connection: socket.socket) -> int:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is None:
        raise ConnectionError(f"an answer without a length: {head!r}")
    missing = int(length[1]) - len(body)
    while missing > 0:
        missing -= len(_some(connection))
    return int(head[9:12])  # behind "HTTP/1.1 "


def _some(connection: socket.socket) -> bytes:
    chunk = connection.recv(65536)
    if not chunk:
        raise ConnectionError("the server closed the connection")
    return chunk
