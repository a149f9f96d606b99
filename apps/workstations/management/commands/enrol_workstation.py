"""`manage.py enrol_workstation`: what a security module does on line, done by hand on the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.actors import Actor
from apps.institutions.models import Institution
from apps.workstations.services import enrol_workstation


class Command(BaseCommand):
    help = "Enrols the agent with this public key as a workstation of an institution."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--institution", required=True, help="ten-digit institution code")
        parser.add_argument("--public-key", required=True, help="what `python -m agent key` prints")
        parser.add_argument("--name", default="", help="a name for the counter, e.g. 調劑櫃檯")

    def handle(self, *args: Any, **options: Any) -> None:
        institution = Institution.objects.filter(code=options["institution"]).first()
        if institution is None:
            raise CommandError(f"No institution has the code {options['institution']}.")
        if len(options["public_key"]) != 43:
            raise CommandError("A public key has 43 characters: see `python -m agent key`.")
        workstation = enrol_workstation(
            institution=institution,
            public_key=options["public_key"],
            name=options["name"],
            by=Actor.system("enrol_workstation"),
        )
        if workstation.institution_id != institution.pk:
            raise CommandError(f"This agent is already a workstation of {workstation.institution}.")
        self.stdout.write(f"{workstation.module_code} {workstation.institution}")
