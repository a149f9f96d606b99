"""`manage.py demo_history`: a year of accesses for the demo's auditor, before anything is sealed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.audit.rounds import connect
from apps.portal.demo.history import load_history
from config.environment import read


class Command(BaseCommand):
    help = "Puts a made-up year into the demo's access log; one that is sealed stays as it is."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("A made-up history belongs on a demo server only (ANKANG_DEMO=1).")
        database = conninfo_to_dict(read("DATABASE_URL"))["dbname"]
        url = make_conninfo(read("DATABASE_ADMIN_URL"), dbname=database)
        with connect(url, name="demo_history") as connection:
            self.stdout.write(f"{load_history(connection)} events.")
