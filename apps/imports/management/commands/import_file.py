"""`manage.py import_file KIND PATH`: the same way in as the back office, without a worker."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.actors import Actor
from apps.core.errors import Refusal
from apps.imports.files import pieces_of
from apps.imports.kinds import all_kinds
from apps.imports.models import ImportRun
from apps.imports.services import process_import, start_import
from apps.imports.terms import ErrorMode, RunState

ERRORS_SHOWN = 20


class Command(BaseCommand):
    help = "Imports a file of the agencies: checks every line, then publishes all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", help=", ".join(k.name for k in all_kinds()))
        parser.add_argument("path", metavar="PATH", type=Path)
        parser.add_argument(
            "--good-lines", action="store_true", help="publish the good lines if others are wrong"
        )
        parser.add_argument("--check", action="store_true", help="check only, publish nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if options["kind"] not in {kind.name for kind in all_kinds()}:
            known = ", ".join(kind.name for kind in all_kinds())
            raise CommandError(f"There is no kind {options['kind']!r}. Kinds: {known}.")
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            run = start_import(
                kind=options["kind"],
                file_name=path.name,
                pieces=pieces_of(path),
                mode=ErrorMode.GOOD if options["good_lines"] else ErrorMode.ALL,
                publish_at_once=not options["check"],
                by=Actor.system("import_file"),
            )
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} [{refusal.code}]") from refusal
        if not process_import(run.pk):
            raise CommandError(
                f"Another file of this kind is being imported; a worker takes up {run.pk} after it."
            )
        self._tell(ImportRun.objects.get(pk=run.pk))

    def _tell(self, run: ImportRun) -> None:
        self._tell_errors(run)
        if run.state == RunState.REFUSED:
            raise CommandError(f"Nothing was published: {run.bad_lines} of {run.lines} lines.")
        if run.state == RunState.CHECKED:
            self.stdout.write(f"{run.good_lines} of {run.lines} lines are good; none published.")
        elif run.state == RunState.PUBLISHED:
            self.stdout.write(
                f"{run.published_lines} of {run.lines} lines published: {run.made} added, "
                f"{run.changed} corrected, {run.removed} removed, {run.unchanged} unchanged."
            )
        else:
            raise CommandError(f"The import ended as {run.state}.")

    def _tell_errors(self, run: ImportRun) -> None:
        errors = run.line_errors.order_by("line", "column")
        for error in errors[:ERRORS_SHOWN]:
            place = f"line {error.line}" + (f", {error.column}" if error.column else "")
            self.stderr.write(f"{place}: {error.message} [{error.code}]")
        more = errors.count() - ERRORS_SHOWN
        if more > 0:
            self.stderr.write(f"… and {more} more.")
