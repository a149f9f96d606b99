"""`manage.py audit_bring_in`: brings in what was kept while the log failed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.actors import Actor
from apps.audit.bringing_in import EntriesMissing, bring_in, look_into
from apps.audit.downtime import JournalDamaged, journal
from apps.audit.services import LogUnavailable


class Command(BaseCommand):
    help = "Brings the journal of an emergency downtime into the log (docs/how-to/downtime.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="verify the journal, bring nothing in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                self._check()
                return
            count = bring_in(by=Actor.system("audit_bring_in"))
        except JournalDamaged as error:
            raise CommandError(f"Nothing was brought in: {error} ({journal().path}).") from error
        except EntriesMissing as error:
            raise CommandError(
                f"{error.brought_in} events were brought in; {error.missing} more were kept and are "
                "not in the journal any more. The log says so; tell the auditors."
            ) from error
        except LogUnavailable as error:
            raise CommandError("The log does not take events yet.") from error
        self.stdout.write(f"{count} events were brought in. The review queue shows them.")

    def _check(self) -> None:
        waiting, missing = look_into()
        if missing:
            raise CommandError(
                f"{waiting} events wait in {journal().path}; {missing} more were kept and are missing."
            )
        self.stdout.write(f"{waiting} events wait in {journal().path}; all as they were written.")
