from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0004_resource_claim_kind")]

    operations = [ValidateConstraint(model_name="resourceclaim", name="resource_claim_kind")]
