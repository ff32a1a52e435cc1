import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    """What a word on a directive is: an answer, or leadership's. No row is older than this."""

    dependencies = [("targets", "0005_mail_outbox")]

    operations = [
        migrations.RemoveConstraint(model_name="directiveanswer", name="directive_answer_given"),
        migrations.AddField(
            model_name="directiveanswer",
            name="due_on",
            field=models.DateField(
                default=datetime.date(2026, 11, 22),
                help_text="Due day of the answer as this left it",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="directiveanswer",
            name="kind",
            field=models.TextField(
                choices=[
                    ("answer", "Trả lời"),
                    ("reopen", "Yêu cầu trả lời thêm"),
                    ("close", "Kết thúc"),
                    ("withdraw", "Rút lại"),
                ],
                default="answer",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="directiveanswer",
            name="text",
            field=models.TextField(blank=True, verbose_name="nội dung"),
        ),
        migrations.AddConstraint(
            model_name="directiveanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "close"), models.Q(("text", ""), _negated=True), _connector="OR"
                ),
                name="directive_answer_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="directiveanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["answer", "reopen", "close", "withdraw"])),
                name="directiveanswer_kind_known",
            ),
        ),
    ]
