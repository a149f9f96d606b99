"""Beside the traffic: an index is made without locking the counters out."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("immunizations", "0002_dose_details"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="vaccinationrecord",
            index=models.Index(
                fields=["institution_code", "-given_on", "-id"], name="records_of_institution"
            ),
        ),
    ]
