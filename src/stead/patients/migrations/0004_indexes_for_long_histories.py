"""Indexes on tables that may be big: built beside the work, which a plain index would stop."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('patients', '0003_phone_end'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='patientidentifier',
            index=models.Index(fields=['practice_id', 'patient_id'], name='patient_identifier_patient'),
        ),
        AddIndexConcurrently(
            model_name='relatedperson',
            index=models.Index(fields=['practice_id', 'patient_id'], name='related_person_patient'),
        ),
    ]
