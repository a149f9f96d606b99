"""A wish for any site of a district: a column that is empty for everybody who waits already."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("booking", "0010_bookings_as_made"),
        ("institutions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="waitingentry",
            name="district",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="institutions.district",
                verbose_name="any site of the district",
            ),
        ),
        AddIndexConcurrently(
            model_name="waitingentry",
            index=models.Index(
                "district",
                "campaign",
                "priority",
                "queued_at",
                condition=models.Q(("state", "WAITING")),
                name="next_in_district",
            ),
        ),
    ]
