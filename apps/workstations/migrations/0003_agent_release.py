"""Which versions of the agent were published."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("workstations", "0002_security_modules"),
    ]

    operations = [
        migrations.AlterField(
            model_name="workstation",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="institutions.institution",
                verbose_name="institution",
            ),
        ),
        migrations.AlterField(
            model_name="securitymodule",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="institutions.institution",
                verbose_name="institution",
            ),
        ),
        migrations.AlterField(
            model_name="securitymodule",
            name="applied_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
                verbose_name="applied by",
            ),
        ),
        migrations.AlterField(
            model_name="securitymodule",
            name="workstation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="modules",
                to="workstations.workstation",
                verbose_name="workstation",
            ),
        ),
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
