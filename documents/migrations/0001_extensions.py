from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations


class Migration(migrations.Migration):
    """btree_gist for dated exclusion constraints, the other two for search without accents."""

    initial = True
    dependencies = ()
    operations = (BtreeGistExtension(), TrigramExtension(), UnaccentExtension())
