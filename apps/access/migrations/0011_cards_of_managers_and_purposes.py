import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_facilities"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="manager_card_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="kinds of cards of managers",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="purposes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=16),
                blank=True,
                db_default=[],
                default=list,
                size=None,
                verbose_name="purposes of a query",
            ),
        ),
    ]
