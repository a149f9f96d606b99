"""`manage.py audit_proof EVENT`: one event's proof bundle, for whoever may have it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.actors import Actor
from apps.audit.merkle import InvalidProof
from apps.audit.proofs import NotProvable, make_proof
from apps.audit.rounds import connect
from apps.audit.services import event, record
from apps.audit.terms import Action
from config.environment import read

JOB = "audit_proof"


class Command(BaseCommand):
    help = "Writes the proof bundle of one access event (docs/reference/audit-proof.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", type=int, metavar="EVENT", help="the event's number")
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")

    def handle(self, *args: Any, **options: Any) -> None:
        number: int = options["event"]
        # A bundle shows an event, so it is a look at the log like any other.
        by = Actor.system(JOB)
        record(event(Action.SEARCH_LOG, by=by, object_type="event", object_id=str(number)))
        with connect(read("DATABASE_URL"), name=JOB) as connection:
            try:
                bundle = make_proof(connection, number=number)
            except NotProvable as error:
                raise CommandError(str(error)) from error
            except InvalidProof as error:
                raise CommandError(
                    f"Event {number} is not what was sealed ({error}). Run audit_verify."
                ) from error
        text = json.dumps(bundle, ensure_ascii=False, indent=2)
        if options["output"]:
            options["output"].write_text(f"{text}\n", encoding="utf-8")
        else:
            self.stdout.write(text)
