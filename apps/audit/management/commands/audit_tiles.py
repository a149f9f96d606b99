"""`manage.py audit_tiles FOLDER`: the sealed tree as files that a web server may show to everybody."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.audit.publishing import publish_tiles
from apps.audit.rounds import connect
from config.environment import read


class Command(BaseCommand):
    help = "Writes checkpoints and tiles as C2SP tlog-tiles (docs/reference/audit-proof.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        with connect(read("DATABASE_URL"), name="audit_tiles") as connection:
            written = publish_tiles(connection, folder=options["folder"])
        self.stdout.write(f"{written} files written to {options['folder']}.")
