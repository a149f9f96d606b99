from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0001_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="urgent",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="urgent"
            ),
        ),
        migrations.AlterModelOptions(
            name="announcement",
            options={
                "ordering": ["-urgent", "-shown_from", "title"],
                "verbose_name": "announcement",
                "verbose_name_plural": "announcements",
            },
        ),
    ]
