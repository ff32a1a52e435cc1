from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("targets", "0004_rules_by_unit")]

    operations = [
        migrations.RemoveIndex(model_name="mail", name="mail_waiting"),
        migrations.AddField(
            model_name="mail",
            name="failed_at",
            field=models.DateTimeField(
                blank=True, help_text="Given up; `error` says why", null=True
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="handed_at",
            field=models.DateTimeField(
                blank=True, help_text="When its text began to go to the mail server", null=True
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="not_before",
            field=models.DateTimeField(db_default=Now(), help_text="Of the next attempt"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(sent_at=None, failed_at=None),
                fields=["id"],
                name="mail_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(failed_at=None), name="mail_one_end"
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(failed_at=None) | ~models.Q(error=""),
                name="mail_failed_for_a_reason",
            ),
        ),
    ]
