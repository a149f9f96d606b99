"""Retiring months of the log; run as ankang_owner after create_roles (FEATURES H7)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


def read(name: str) -> str:
    return (SQL / f"0005_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_answers")]
    operations = [migrations.RunSQL(read("retention"), read("reverse"))]
