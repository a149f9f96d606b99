"""Beside the traffic: an index is made without locking the counters out."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("booking", "0011_any_site"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(fields=["slot", "state"], name="bookings_of_slot"),
        ),
        # The new index begins with the slot and serves the foreign key as well.
        migrations.AlterField(
            model_name="booking",
            name="slot",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="booking.slot",
            ),
        ),
    ]
