"""Processes that do one small thing every few seconds until they are asked to stop."""

import logging
import signal
from collections.abc import Callable
from threading import Event
from types import FrameType

import psycopg
from psycopg import Connection

CONNECT_WITHIN = 5  # seconds

logger = logging.getLogger(__name__)


def connect(url: str, *, name: str) -> Connection:
    """In autocommit: what runs for days must not hold a transaction open."""
    return psycopg.connect(
        url, autocommit=True, connect_timeout=CONNECT_WITHIN, application_name=name
    )


def run_rounds(
    url: str, begin: Callable[[Connection], Callable[[], bool]], *, name: str, every: float
) -> None:
    """`begin(connection)` returns the round; the round says whether to go on at once.

    Pauses `every` seconds between rounds. A lost database is waited for; SIGTERM and SIGINT end it
    after the round.
    """
    stop = Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, ask_to_stop)
    while not stop.is_set():
        try:
            with connect(url, name=name) as connection:
                one_round = begin(connection)
                while not stop.is_set():
                    if not one_round():
                        stop.wait(every)
        except psycopg.OperationalError as error:
            logger.warning("%s: the database does not answer (%s)", name, type(error).__name__)
            stop.wait(every)
