# Raw bodies are compressed when they arrive: the server need not try once more, which took it five
# times as long as storing them.

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("targets", "0020_answers_by_request")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE targets_rawbody ALTER COLUMN compressed SET STORAGE EXTERNAL",
            "ALTER TABLE targets_rawbody ALTER COLUMN compressed SET STORAGE EXTENDED",
        )
    ]
