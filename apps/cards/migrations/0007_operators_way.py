from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cards", "0006_show_own"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="loginway",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role", "OPERATOR"), _negated=True),
                    ("enabled", True),
                    _connector="OR",
                ),
                name="operators_always_get_in",
                violation_error_message="The operators' own way to log in stays open.",
            ),
        ),
    ]
