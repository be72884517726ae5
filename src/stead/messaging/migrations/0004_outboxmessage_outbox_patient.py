"""Indexes on tables that may be big: built beside the work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('messaging', '0003_leaving_and_receivers'),
        ('patients', '0005_related_people'),
        ('practice', '0001_initial'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='outboxmessage',
            index=models.Index(condition=models.Q(('patient_id__isnull', False)), fields=['practice_id', 'patient_id'], name='outbox_patient'),
        ),
    ]
