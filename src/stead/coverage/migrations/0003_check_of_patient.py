import django.db.models.deletion
import stead.platform.tenancy.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('coverage', '0002_eligibility_patient'),
        ('patients', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='eligibilitycheck',
            name='patient',
            field=stead.platform.tenancy.models.TenantForeignKey(from_fields=('practice_id', 'patient_id'), on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='patients.patient', to_fields=('practice_id', 'id')),
        ),
    ]
