"""A database with nothing but the access log, for tests that seal it and tamper with it."""

import base64
import json
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from apps.audit.archives import Archive, file_name, write_archive
from apps.audit.memory import Memory
from apps.audit.notes import COSIGNATURE, Signer
from apps.audit.roles import make_database, prepare_database
from apps.audit.sealing import Sealer
from config.environment import read

TEMPLATE = "test_ankang_log_template"
MONTH = date(2019, 3, 1)  # of the fixture `old`
LOG_KEY = bytes(range(32))
WITNESS_KEY = bytes(range(32, 64))
LOG_SIGNER = Signer("ankang", LOG_KEY)
WITNESS_SIGNER = Signer("ankang-witness", WITNESS_KEY, COSIGNATURE)

_events = import_module("apps.audit.migrations.0001_access_events").read
_sealing = import_module("apps.audit.migrations.0002_sealing").read
_search = import_module("apps.audit.migrations.0003_search").read
_retention = import_module("apps.audit.migrations.0005_retention").read
_kept = import_module("apps.audit.migrations.0007_kept").read


@dataclass
class SealedLog:
    """The log of one test: connections by role, and the people around it."""

    name: str
    folder: Path
    opened: list[Connection] = field(default_factory=list)

    def url(self, role: str = "postgres") -> str:
        return make_conninfo(read("DATABASE_ADMIN_URL"), dbname=self.name, user=role)

    def connect(self, role: str) -> Connection:
        """With exactly the rights of this role."""
        made = psycopg.connect(make_conninfo(read("DATABASE_ADMIN_URL"), dbname=self.name))
        made.autocommit = True
        made.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
        self.opened.append(made)
        return made

    @property
    def memory(self) -> Memory:
        return Memory(self.folder / "memory.json")

    def append(self, count: int = 1, connection: Connection | None = None, **parts: Any) -> int:
        """Writes events, each in a transaction of its own; returns the last one's number."""
        writer = connection or self.reuse("ankang_app")
        number = 0
        for each in range(count):
            event = {"action": "log_in", "result_count": each} | parts
            row = writer.execute("SELECT audit.append(%s::jsonb)", [json.dumps(event)]).fetchone()
            assert row is not None
            number = row[0]
        return number

    def sealer(self, **options: Any) -> Sealer:
        connection = options.pop("connection", None) or self.connect("ankang_sealer")
        return Sealer(connection, **{"signer": LOG_SIGNER, "memory": self.memory, **options})

    def ask(self, statement: str, *parameters: Any) -> Any:
        """The first column of the first row, as the superuser."""
        row = self.reuse("postgres").execute(statement, parameters).fetchone()
        return row[0] if row else None

    def tamper(self, statement: str, *parameters: Any) -> int:
        """As the owner of the log, who has taken off the seat belt; returns how many rows it hit."""
        with self.reuse("postgres") as owner:
            owner.execute("SET session_replication_role = replica")
            count = owner.execute(statement, parameters).rowcount
            owner.execute("RESET session_replication_role")
        return count

    def close(self) -> None:
        for each in self.opened:
            each.close()
        self.opened.clear()

    def environment(self) -> dict[str, str]:
        """Variables under which another process finds this log."""
        host = conninfo_to_dict(read("DATABASE_ADMIN_URL"))["host"]
        return {
            "DATABASE_URL": f"postgresql://ankang_app@{quote(str(host), safe='')}/{self.name}",
            "ANKANG_SEALING_KEY": base64.b64encode(LOG_KEY).decode(),
            "ANKANG_WITNESS_KEY": base64.b64encode(WITNESS_KEY).decode(),
            "ANKANG_WITNESS_FILE": str(self.memory.path),
            "ANKANG_LOG_NAME": "ankang",
        }

    def reuse(self, role: str) -> Connection:
        """A connection for one statement, which is not in a transaction of somebody else."""
        for each in self.opened:
            idle = not each.closed and each.info.transaction_status == TransactionStatus.IDLE
            if idle and each.info.parameter_status("session_authorization") == role:
                return each
        return self.connect(role)


def make_template(name: str = TEMPLATE) -> None:
    """A database as create_roles and the migrations of apps.audit leave it."""
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        drop(admin, name)
        make_database(admin, name)
    url = make_conninfo(read("DATABASE_ADMIN_URL"), dbname=name)
    with psycopg.connect(url, autocommit=True) as inside:
        prepare_database(inside)
        inside.execute("SET SESSION AUTHORIZATION ankang_owner")
        with inside.transaction():
            for name in ("events", "append", "partitions"):
                inside.execute(_events(name))
            inside.execute(_sealing("sealing"))
            inside.execute(_search("search"))
            inside.execute(_retention("retention"))
            inside.execute(_kept("kept"))


def drop(admin: Connection, name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def copy(admin: Connection, source: str, target: str) -> None:
    """A whole database, as a backup and its restoration would make it."""
    drop(admin, target)
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(target), sql.Identifier(source)
        )
    )


def retire(log: SealedLog, folder: Path, role: str = "ankang_retention") -> Archive:
    """The month MONTH leaves the log; its archive lies in `folder`."""
    connection = log.connect(role)
    archive = write_archive(connection, month=MONTH, path=folder / file_name(MONTH))
    connection.execute(
        "SELECT audit.retire_month(%s, %s, %s)", [MONTH, archive.events, archive.sha256]
    )
    return archive
