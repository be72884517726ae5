"""Indexes on tables that may be big: built beside the work, which a plain index would stop."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('billing', '0005_ledger_closes'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='charge',
            index=models.Index(fields=['practice_id', 'service_date'], name='charge_day'),
        ),
        AddIndexConcurrently(
            model_name='claimevent',
            index=models.Index(fields=['practice_id', 'claim_id'], name='claim_event_claim'),
        ),
        AddIndexConcurrently(
            model_name='claimline',
            index=models.Index(fields=['practice_id', 'claim_id'], name='claim_line_claim'),
        ),
        AddIndexConcurrently(
            model_name='claimline',
            index=models.Index(fields=['practice_id', 'charge_id'], name='claim_line_charge'),
        ),
        AddIndexConcurrently(
            model_name='denial',
            index=models.Index(fields=['practice_id', 'claim_id'], name='denial_claim'),
        ),
        AddIndexConcurrently(
            model_name='denial',
            index=models.Index(fields=['practice_id', 'patient_id'], name='denial_patient'),
        ),
        AddIndexConcurrently(
            model_name='ledgerentry',
            index=models.Index(fields=['transaction_id', 'practice_id'], name='ledger_entry_posting'),
        ),
        AddIndexConcurrently(
            model_name='ledgertransaction',
            index=models.Index(fields=['practice_id', 'at'], name='ledger_transaction_at'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(fields=['practice_id', 'patient_id'], name='payment_patient'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(fields=['practice_id', 'appointment_id'], name='payment_appointment'),
        ),
        AddIndexConcurrently(
            model_name='remittance',
            index=models.Index(fields=['practice_id', 'posted_at'], name='remittance_posted'),
        ),
        AddIndexConcurrently(
            model_name='remittanceclaim',
            index=models.Index(fields=['practice_id', 'remittance_id'], name='remittance_claim_remittance'),
        ),
        AddIndexConcurrently(
            model_name='statement',
            index=models.Index(fields=['practice_id', 'patient_id'], name='statement_patient'),
        ),
        RemoveIndexConcurrently(
            model_name='ledgerentry',
            name='ledger_entry_transaction',
        ),
    ]
