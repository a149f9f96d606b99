"""`manage.py apply_retention [--dry-run]`: removes what the rules no longer keep."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.audit.actors import Actor
from apps.oversight.services.applying import apply_retention


class Command(BaseCommand):
    help = "Applies the rules of retention (docs/how-to/retention.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Actor.system("apply_retention")
        verb = "to remove" if options["dry_run"] else "removed"
        for each in apply_retention(dry_run=options["dry_run"], by=by):
            self.stdout.write(f"{each.rule.code}: {each.count} {verb} (kept {each.days} days)")
