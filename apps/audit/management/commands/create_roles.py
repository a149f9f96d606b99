"""`manage.py create_roles`: the database roles, and the database itself when there is none."""

import os
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.audit.roles import make_database, make_roles, passwords_in, prepare_database
from config.environment import read


class Command(BaseCommand):
    help = (
        "Makes the database roles (cluster-wide) and the database of DATABASE_URL. Safe to repeat."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        admin_url = read("DATABASE_ADMIN_URL")
        database = conninfo_to_dict(read("DATABASE_URL")).get("dbname")
        if not database:
            raise CommandError("DATABASE_URL names no database.")
        urls = [read(name, "") for name in sorted({*os.environ, *_URLS}) if _names_a_database(name)]
        with psycopg.connect(admin_url, autocommit=True) as admin:
            make_roles(admin, passwords=passwords_in(urls))
            made = make_database(admin, str(database))
        with psycopg.connect(make_conninfo(admin_url, dbname=database), autocommit=True) as admin:
            prepare_database(admin)
        self.stdout.write(
            f"Roles are ready; database {database} {'made' if made else 'was there'}."
        )


_URLS = {"DATABASE_URL", "DATABASE_OWNER_URL"}


def _names_a_database(variable: str) -> bool:
    """DATABASE_URL, and one like DATABASE_SEALER_URL for each further role."""
    return variable.startswith("DATABASE_") and variable.endswith("_URL")
