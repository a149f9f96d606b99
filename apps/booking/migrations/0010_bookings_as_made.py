"""Beside the traffic: an index is made without locking the counters out."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("booking", "0009_exceptions"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(fields=["campaign", "booked_at"], name="bookings_as_made"),
        ),
        # The new index begins with the campaign and serves the foreign key as well.
        migrations.AlterField(
            model_name="booking",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="booking.campaign",
            ),
        ),
    ]
