from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("care", "0004_encounter_voided")]

    operations = [ValidateConstraint(model_name="encounter", name="encounter_voided_owes_nothing")]
