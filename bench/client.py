"""A load client that costs little itself: prepared requests over kept-open sockets, a few processes."""

import multiprocessing
import socket
import time
from collections import Counter
from dataclasses import dataclass

from bench.servers import PORT


@dataclass(frozen=True)
class Load:
    """What came back: answers by status, and how long the run took."""

    statuses: Counter[int]
    seconds: float

    def rate(self, status: int) -> float:
        return self.statuses[status] / self.seconds


def send(requests: list[bytes], *, clients: int, seconds: float) -> Load:
    """Sends each request at most once, over `clients` connections, until they or the time are used up."""
    shares = [requests[client::clients] for client in range(clients)]
    with multiprocessing.get_context("fork").Pool(clients) as pool:
        begun = time.perf_counter()
        counted = pool.starmap(_one_client, [(share, seconds) for share in shares])
        took = time.perf_counter() - begun
    return Load(sum(counted, Counter()), took)


def _one_client(requests: list[bytes], seconds: float) -> Counter[int]:
    statuses: Counter[int] = Counter()
    end = time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _some(connection)
    return int(lines[0].split()[1])


def _some(connection: socket.socket) -> bytes:
    chunk = connection.recv(65536)
    if not chunk:
        raise ConnectionError("the server closed the connection")
    return chunk
