"""Indexes on tables that may be big: built beside the work, which a plain index would stop."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('processes', '0004_caseitem_file'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(fields=['practice_id', 'case_id'], name='task_case'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(fields=['practice_id', 'ended_at'], name='task_ended'),
        ),
    ]
