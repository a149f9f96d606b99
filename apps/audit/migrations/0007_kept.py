"""Marks of what the journal of a downtime held, and which of its lines are missing (FEATURES F9)."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


def read(name: str) -> str:
    return (SQL / f"0007_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_brought_in")]
    operations = [
        migrations.RunSQL(read("kept"), read("reverse")),
        migrations.AddField(
            model_name="broughtin",
            name="missing",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="missing from its journal"
            ),
        ),
    ]
