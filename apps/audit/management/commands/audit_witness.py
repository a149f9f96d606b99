"""`manage.py audit_witness`: the process that remembers checkpoints and cosigns them."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from psycopg import Connection

from apps.audit import keyring
from apps.audit.memory import Memory
from apps.audit.rounds import connect, run_rounds
from apps.audit.witness import Refused, Witness

NAME = "audit_witness"
EVERY = 10.0  # seconds

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Cosigns checkpoints of the access log, with the key ANKANG_WITNESS_KEY."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, then end")
        parser.add_argument("--every", type=float, default=EVERY, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["once"]:
            run_rounds(keyring.witness_url(), _rounds, name=NAME, every=options["every"])
            return
        with connect(keyring.witness_url(), name=NAME) as connection:
            try:
                cosigned = _witness(connection).look()
            except Refused as error:
                raise CommandError(f"Not cosigned: {error}") from error
        self.stdout.write(f"{cosigned} checkpoints cosigned.")


def _rounds(connection: Connection) -> Callable[[], bool]:
    witness = _witness(connection)

    def one_round() -> bool:
        try:
            witness.look()
        except (Refused, OSError, ValueError) as error:  # OSError: no room for its file
            logger.critical("not cosigned: %s", error)
        return False

    return one_round


def _witness(connection: Connection) -> Witness:
    return Witness(
        connection,
        signer=keyring.witness_signer(),
        log=keyring.log_verifier(),
        memory=Memory(keyring.witness_file()),
    )
