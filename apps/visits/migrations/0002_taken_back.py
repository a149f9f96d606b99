"""Visits that were taken back (API 1.39), and what the list of the insured last said."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("visits", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="visit",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                to="institutions.institution",
                verbose_name="institution",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="taken_back_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="taken back at"),
        ),
        migrations.AddField(
            model_name="insurancestatus",
            name="visits_reported",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="visits left by the list"
            ),
        ),
        migrations.AddField(
            model_name="insurancestatus",
            name="known_on",
            field=models.DateField(blank=True, null=True, verbose_name="as of"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["visited_at"], name="visits_by_day"
            ),
        ),
    ]
