"""Which versions of the agent were published."""

import uuid

from django.db import migrations, models

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("workstations", "0002_security_modules"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgentRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "version",
                    models.CharField(max_length=20, unique=True, verbose_name="version"),
                ),
                (
                    "published_at",
                    models.DateTimeField(default=apps.core.clock.now, verbose_name="published at"),
                ),
            ],
            options={
                "verbose_name": "release of the reader program",
                "verbose_name_plural": "releases of the reader program",
            },
        ),
    ]
