"""`manage.py compare_grants`: whether the grants in the tables are those of the access log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.oversight.services.replaying import compare_grants


class Command(BaseCommand):
    help = "Compares grants and their history with the events that opened and closed them."

    def handle(self, *args: Any, **options: Any) -> None:
        found = compare_grants()
        if found:
            raise CommandError("\n".join(map(str, found)))
        self.stdout.write("Every grant is as the access log says.")
