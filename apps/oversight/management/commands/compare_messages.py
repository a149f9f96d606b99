"""`manage.py compare_messages`: whether the messages of the outbox are those of the access log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.oversight.services.replaying_messages import compare_messages


class Command(BaseCommand):
    help = "Compares the messages to citizens with the events of the deeds that they tell of."

    def handle(self, *args: Any, **options: Any) -> None:
        found = compare_messages()
        if found:
            raise CommandError("\n".join(map(str, found)))
        self.stdout.write("Every message is as the access log says.")
