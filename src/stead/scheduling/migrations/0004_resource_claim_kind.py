from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

KINDS = ("patient", "practitioner", "room")
# Demo practices were filled without the kind; what a claim claims is known from its visit.
BACKFILL = """
update resource_claim c set resource_kind = case c.resource_id when a.patient_id then 'patient'
  when a.practitioner_id then 'practitioner' else 'room' end
from appointment a
where a.practice_id = c.practice_id and a.id = c.appointment_id
  and c.resource_kind not in ('patient', 'practitioner', 'room')
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0003_booked_by_id")]

    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="resourceclaim",
            name="resource_kind",
            field=models.CharField(choices=[(k, k) for k in KINDS], max_length=12),
        ),
        AddConstraintNotValid(
            model_name="resourceclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("resource_kind__in", KINDS)), name="resource_claim_kind"
            ),
        ),
    ]
