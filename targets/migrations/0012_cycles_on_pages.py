import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0011_upload_details"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="reportingcycle",
            trigger=pgtrigger.compiler.Trigger(
                name="bump_cycle",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    INSERT INTO targets_dataversion (id, number) VALUES (1, 1)\n    ON CONFLICT (id) DO UPDATE SET number = targets_dataversion.number + 1;\n RETURN NULL;",
                    hash="296d75f8b7ef0eaf7dbcf9c8df20aefad36afe15",
                    level="STATEMENT",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_bump_cycle_37893",
                    table="targets_reportingcycle",
                    when="AFTER",
                ),
            ),
        ),
    ]
