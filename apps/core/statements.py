"""One statement is a transaction of its own."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection, transaction


def single_statement(*, durable: bool = False) -> AbstractContextManager[Any]:
    """For a block that sends exactly one statement: one round trip instead of three.

    In autocommit PostgreSQL begins and commits around it by itself. Inside a transaction it gets a
    savepoint, so that its failure leaves the rest usable; `durable` refuses a transaction around it
    (RuntimeError), as Django's own does.
    """
    if connection.autocommit and not connection.in_atomic_block:
        return nullcontext()
    return transaction.atomic(durable=durable)
