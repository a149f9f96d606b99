"""`manage.py audit_verify`: recomputes the sealed log and names what does not fit."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import keyring
from apps.audit.memory import Memory
from apps.audit.rounds import connect
from apps.audit.verification import Verification
from config.environment import read


class Command(BaseCommand):
    help = "Checks every sealed event, tile, checkpoint and cosignature; fails at the first misfit."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--archive", type=Path, metavar="FOLDER", help="of retired months")

    def handle(self, *args: Any, **options: Any) -> None:
        log, witness = keyring.log_verifier(), keyring.witness_verifier()
        memory = Memory(keyring.witness_file()) if keyring.witness_file().exists() else None
        with connect(read("DATABASE_URL"), name="audit_verify") as connection:
            report = Verification(
                connection, log=log, witness=witness, memory=memory, archives=options["archive"]
            ).run()
        self.stdout.write(f"log key      {log}")
        self.stdout.write(f"witness key  {witness or 'none'}")
        if memory is None:
            self.stdout.write(
                "The witness's file is not here: a log cut off at its end goes unseen."
            )
        if report.kept:
            self.stdout.write(f"{report.kept} events of a downtime are not in the log (yet).")
        if report.findings:
            raise CommandError("\n".join(map(str, report.findings)))
        self.stdout.write(
            f"{report.sealed} events, {report.checkpoints} checkpoints and "
            f"{report.cosignatures} cosignatures are as they were sealed; "
            f"{report.unsealed} events wait for the sealer, {report.retired} are retired."
        )
