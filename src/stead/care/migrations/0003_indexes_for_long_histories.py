"""Indexes on tables that may be big: built beside the work, which a plain index would stop."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('care', '0002_encounter_signed_at'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='encounter',
            index=models.Index(fields=['practice_id', 'starts_at'], name='encounter_day'),
        ),
    ]
