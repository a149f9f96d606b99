"""Statements of hot paths: one is a transaction of its own; written out instead of built each time.

Building a query with the ORM costs more than PostgreSQL needs to run it (bench/booking): the
statements that every booking sends are SQL, and their rows become the models they are.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models, transaction

Row = TypeVar("Row", bound=models.Model)


def single_statement(*, durable: bool = False) -> AbstractContextManager[Any]:
    """For a block that sends exactly one statement: one round trip instead of three.

    In autocommit PostgreSQL begins and commits around it by itself. Inside a transaction it gets a
    savepoint, so that its failure leaves the rest usable; `durable` refuses a transaction around it
    (RuntimeError), as Django's own does.
    """
    if connection.autocommit and not connection.in_atomic_block:
        return nullcontext()
    return transaction.atomic(durable=durable)


@dataclass(frozen=True)
class Along:
    """What a higher step of the staircase asks of a row, in the statement that loads the row.

    Who loads a session cannot decide for it, and who finds a reading knows no campaign; but two
    trips to the database cost more than both answers. `joins` speak of the row by its alias. `width`
    is the number of columns, for a row that is asked several things.
    """

    columns: str = ""
    joins: str = ""
    width: int = 0

    @property
    def more(self) -> str:
        """Behind the columns of the row itself."""
        return f", {self.columns}" if self.columns else ""


ALONE = Along()


def columns(model: type[models.Model], alias: str) -> str:
    """All columns of a table by name, in the order `instance` takes them. Never `*`: the plan of a
    prepared statement must outlive a migration that adds a column.
    """
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def width(model: type[models.Model]) -> int:
    """How many columns that are."""
    return len(model._meta.concrete_fields)


def instance(model: type[Row], values: Sequence[Any]) -> Row:
    """The row of `columns(model, …)` as the model's instance."""
    return model.from_db(connection.alias, _names(model), values)


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def compact(sql: str) -> str:
    """Without the layout: psycopg remembers how a statement is sent up to 4096 characters."""
    return " ".join(sql.split())
