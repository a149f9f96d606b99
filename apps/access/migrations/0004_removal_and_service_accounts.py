from django.db import migrations, models

# A grant or membership refers to its person together with "is no service account". The column is
# generated, so nobody can write anything else into it, and PostgreSQL refuses both a row for a
# service account and turning a person with rows into one.
NEVER_FOR_SERVICE_ACCOUNTS = """
    ALTER TABLE access_grant
        ADD COLUMN user_is_service boolean GENERATED ALWAYS AS (false) STORED,
        ADD CONSTRAINT grants_are_for_people
            FOREIGN KEY (user_id, user_is_service) REFERENCES accounts_person (id, is_service);
    ALTER TABLE access_membership
        ADD COLUMN person_is_service boolean GENERATED ALWAYS AS (false) STORED,
        ADD CONSTRAINT memberships_are_for_people
            FOREIGN KEY (person_id, person_is_service) REFERENCES accounts_person (id, is_service);
"""
ALLOW_AGAIN = """
    ALTER TABLE access_grant DROP COLUMN user_is_service;
    ALTER TABLE access_membership DROP COLUMN person_is_service;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_campaignline_practice_serviceapplication_and_more"),
        ("accounts", "0002_service_accounts_and_registration"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="leaves_on_removal",
            field=models.BooleanField(
                default=False, verbose_name="refuses once the login card was removed"
            ),
        ),
        migrations.RunSQL(NEVER_FOR_SERVICE_ACCOUNTS, ALLOW_AGAIN),
    ]
