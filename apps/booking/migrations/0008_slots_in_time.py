"""Beside the traffic: an index is made without locking the counters out."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("booking", "0007_campaign_rules"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="slot",
            index=models.Index(fields=["begins_at", "id"], name="slots_in_time"),
        ),
    ]
