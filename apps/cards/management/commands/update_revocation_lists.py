"""`manage.py update_revocation_lists`: what the hourly task does, at once and with its result."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.actors import Actor
from apps.cards.services.revoking import update_revocations


class Command(BaseCommand):
    help = "Fetches every revocation list, checks it and publishes it."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = update_revocations(by=Actor.system("update_revocation_lists"))
        for name, problem in problems.items():
            self.stdout.write(f"{name}: {problem or 'ok'}")
        if any(problems.values()):
            raise CommandError("Not every revocation list could be updated.")
