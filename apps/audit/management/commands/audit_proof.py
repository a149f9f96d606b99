"""`manage.py audit_proof EVENT`: one event's proof bundle, for whoever may have it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.actors import Actor
from apps.audit.archives import ArchiveWrong
from apps.audit.merkle import InvalidProof
from apps.audit.proofs import NotProvable, as_tlog_proof, make_proof
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
        parser.add_argument(
            "--archive", type=Path, metavar="FOLDER", help="where the files of retired months lie"
        )
        parser.add_argument(
            "--tlog", action="store_true", help="as C2SP tlog-proof instead of our bundle"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        number: int = options["event"]
        # A bundle shows an event, so it is a look at the log like any other.
        by = Actor.system(JOB)
        record(event(Action.SEARCH_LOG, by=by, object_type="event", object_id=str(number)))
        with connect(read("DATABASE_URL"), name=JOB) as connection:
            try:
                bundle = make_proof(connection, number=number, archives=options["archive"])
            except (NotProvable, ArchiveWrong) as error:
                raise CommandError(str(error)) from error
            except InvalidProof as error:
                raise CommandError(
                    f"Event {number} is not what was sealed ({error}). Run audit_verify."
                ) from error
        text = f"{json.dumps(bundle, ensure_ascii=False, indent=2)}\n"
        text = as_tlog_proof(bundle) if options["tlog"] else text
        if options["output"]:
            options["output"].write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")
