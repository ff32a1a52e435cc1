from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("targets", "0002_reporting")]

    operations = [
        migrations.AddConstraint(
            model_name="rolepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "reporter",
                            "approver",
                            "viewer",
                            "coordinator",
                            "leadership",
                            "administrator",
                            "auditor",
                        ],
                    )
                ),
                name="rolepolicy_role_known",
            ),
        ),
    ]
