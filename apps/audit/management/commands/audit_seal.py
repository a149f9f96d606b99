"""`manage.py audit_seal`: the process that seals the access log (docs/explanation/access-log.md)."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from psycopg import Connection

from apps.audit import keyring
from apps.audit.memory import Memory
from apps.audit.rounds import connect, run_rounds
from apps.audit.sealing import Sealer, WitnessDisagrees, read_head
from apps.audit.tiles import LogDamaged

NAME = "audit_seal"
EVERY = 3.0  # seconds

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Seals access events every few seconds, with the key ANKANG_SEALING_KEY."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="seal what there is, then end")
        parser.add_argument("--every", type=float, default=EVERY, metavar="SECONDS")
        parser.add_argument(
            "--open-shard", metavar="REASON", help="close the current shard and open the next one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := options["open_shard"]:
            self._open_shard(reason)
        elif options["once"]:
            self._once()
        else:
            run_rounds(keyring.sealer_url(), _rounds, name=NAME, every=options["every"])

    def _open_shard(self, reason: str) -> None:
        with connect(keyring.sealer_url(), name=NAME) as connection:
            current = read_head(connection).shard
            opened = _sealer(connection).open_shard(current=current, reason=reason)
        self.stdout.write(f"Shard {opened} is open.")

    def _once(self) -> None:
        sealed = 0
        with connect(keyring.sealer_url(), name=NAME) as connection:
            sealer = _sealer(connection)
            try:
                while count := sealer.seal():
                    sealed += count
            except (WitnessDisagrees, LogDamaged) as error:
                raise CommandError(f"Nothing was signed: {error}") from error
        self.stdout.write(f"{sealed} events sealed.")


def _rounds(connection: Connection) -> Callable[[], bool]:
    sealer = _sealer(connection)

    def one_round() -> bool:
        try:
            return sealer.seal() == sealer.batch
        except WitnessDisagrees as error:
            # The old shard stays as it is, for audit_verify and the auditors; new events go on.
            logger.critical("the witness disagrees: %s", error)
            sealer.open_shard(current=error.shard, reason=error.reason)
        except (LogDamaged, OSError, ValueError) as error:  # OSError: the witness's file
            logger.critical("nothing is signed: %s", error)
        return False

    return one_round


def _sealer(connection: Connection) -> Sealer:
    return Sealer(connection, signer=keyring.log_signer(), memory=Memory(keyring.witness_file()))
