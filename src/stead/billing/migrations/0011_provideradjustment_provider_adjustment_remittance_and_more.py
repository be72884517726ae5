"""Indexes on tables that may be big: built beside the work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('billing', '0010_refunds'),
        ('coverage', '0004_authorization_use'),
        ('patients', '0005_related_people'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='provideradjustment',
            index=models.Index(fields=['practice_id', 'remittance_id'], name='provider_adjustment_remittance'),
        ),
        AddIndexConcurrently(
            model_name='refund',
            index=models.Index(fields=['practice_id', 'patient_id'], name='refund_patient'),
        ),
        AddIndexConcurrently(
            model_name='remittanceclaim',
            index=models.Index(condition=models.Q(('named_claim_id__isnull', False)), fields=['practice_id', 'named_claim_id'], name='remittance_claim_named'),
        ),
    ]
