"""Emptying the test database after a test that committed.

Django's flush truncates as the application, which may not; and it would take the reference data
along. Reference data is what lay in the tables after migrations and load_reference: it is put back
as it was, whatever a test did to it. The access log stays: it cannot be emptied, so tests read the
events newer than a mark (support.events).
"""

import psycopg
from psycopg import Connection, sql

UNTOUCHED = {"django_migrations"}
COPIES = "test_reference"


class Emptier:
    """Holds an administrator's connection: only a superuser may suspend foreign keys."""

    def __init__(self, admin_url: str) -> None:
        self.admin: Connection = psycopg.connect(admin_url, autocommit=True)
        self.admin.execute("SET session_replication_role = replica")
        self.admin.execute("SET lock_timeout = '20s'")
        self.reference = [name for name in self._tables() if self._has_rows(name)]
        self._keep_copies()

    def empty(self) -> None:
        """All rows away, reference rows as they were; one transaction."""
        with self.admin.transaction():
            filled = [name for name in self._filled() if name not in self.reference]
            for name in (*filled, *self.reference):
                # For the few rows of a test less work than TRUNCATE, which makes new files.
                self.admin.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
            for name in self.reference:
                self.admin.execute(
                    sql.SQL("INSERT INTO {} OVERRIDING SYSTEM VALUE TABLE {}").format(
                        sql.Identifier(name), sql.Identifier(COPIES, name)
                    )
                )

    def close(self) -> None:
        self.admin.close()

    def _keep_copies(self) -> None:
        with self.admin.transaction():
            self.admin.execute(
                sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(COPIES))
            )
            self.admin.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(COPIES)))
            for name in self.reference:
                self.admin.execute(
                    sql.SQL("CREATE TABLE {} AS TABLE {}").format(
                        sql.Identifier(COPIES, name), sql.Identifier(name)
                    )
                )

    def _tables(self) -> list[str]:
        rows = self.admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted({name for (name,) in rows} - UNTOUCHED)

    def _filled(self) -> list[str]:
        """Tables that have had a row since they were last vacuumed: the only ones worth a statement."""
        rows = self.admin.execute(
            """SELECT relname FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0"""
        )
        return sorted({name for (name,) in rows} - UNTOUCHED)

    def _has_rows(self, name: str) -> bool:
        row = self.admin.execute(
            sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name))
        ).fetchone()
        return bool(row and row[0])
