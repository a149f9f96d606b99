"""The schema `audit`, from the .sql files beside this one; run as ankang_owner (DESIGN section 5)."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


def read(name: str) -> str:
    return (SQL / f"0001_{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(read("events"), read("reverse")),
        migrations.RunSQL(read("append"), migrations.RunSQL.noop),
        migrations.RunSQL(read("partitions"), migrations.RunSQL.noop),
        migrations.CreateModel(
            "Event",
            fields=[("id", models.BigIntegerField(primary_key=True, verbose_name="number"))],
            options={
                "verbose_name": "access event",
                "verbose_name_plural": "access events",
                "db_table": '"audit"."event"',
                "default_permissions": (),
                "managed": False,
            },
        ),
    ]
