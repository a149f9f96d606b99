"""Tiles, checkpoints and cosignatures; run as ankang_owner after create_roles (DESIGN section 5)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


def read(name: str) -> str:
    return (SQL / f"0002_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_access_events")]
    operations = [migrations.RunSQL(read("sealing"), read("reverse"))]
