"""`manage.py retire_month 2019-03 --archive FOLDER`: a month leaves the log, and its proofs stay."""

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import keyring
from apps.audit.archives import ArchiveWrong, file_name, write_archive
from apps.audit.rounds import connect

NAME = "retire_month"


class Command(BaseCommand):
    help = "Exports, verifies and removes a month of access events (docs/how-to/retention.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--archive", type=Path, required=True, metavar="FOLDER")
        parser.add_argument(
            "--dry-run", action="store_true", help="export and verify, remove nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        month = _month(options["month"])
        folder: Path = options["archive"]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / file_name(month)
        if path.exists():
            raise CommandError(f"{path} exists; an archive is never written over.")
        with connect(keyring.retention_url(), name=NAME) as connection:
            try:
                archive = write_archive(connection, month=month, path=path)
            except ArchiveWrong as error:
                raise CommandError(f"Nothing was retired: {error}. Run audit_verify.") from error
            self.stdout.write(f"{archive.events} events, SHA-256 {archive.sha256}: {path}")
            if options["dry_run"]:
                self.stdout.write("Dry run: the month stays in the log.")
                return
            self._retire(connection, month, archive.events, archive.sha256)

    def _retire(
        self, connection: psycopg.Connection, month: date, events: int, sha256: str
    ) -> None:
        try:
            connection.execute("SELECT audit.retire_month(%s, %s, %s)", [month, events, sha256])
        except (psycopg.DataError, psycopg.OperationalError) as error:
            raise CommandError(f"Nothing was retired: {error}") from error
        self.stdout.write(f"{month:%Y-%m} has left the log. Keep the archive.")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise CommandError("A month is written 2019-03.") from error
