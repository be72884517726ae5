from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0003_indexes_for_long_histories"),
        ("patients", "0003_phone_end"),
        ("practice", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="encounter",
            name="voided_at",
            field=models.DateTimeField(null=True),
        ),
        # Proven by the next migration, which does not lock the table while it reads every row.
        AddConstraintNotValid(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(("voided_at", None), models.Q(("due_at", None), ("signed_at", None)), _connector="OR"),
                name="encounter_voided_owes_nothing",
            ),
        ),
    ]
