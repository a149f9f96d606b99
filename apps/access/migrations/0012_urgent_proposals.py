from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0011_cards_of_managers_and_purposes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="proposal",
            name="state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "draft"),
                    ("URGENT", "in force, to be confirmed"),
                    ("PUBLISHED", "published"),
                    ("WITHDRAWN", "withdrawn"),
                ],
                default="DRAFT",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RemoveConstraint(model_name="proposal", name="one_waiting_proposal_per_record"),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("DRAFT", "URGENT"))),
                fields=("subject", "object_id"),
                name="one_waiting_proposal_per_record",
            ),
        ),
    ]
