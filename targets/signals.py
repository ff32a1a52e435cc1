"""What this app tells the ones above it."""

from django.dispatch import Signal

# Sent after the commit that changed verdicts. No arguments: receivers look at the data version.
verdicts_changed = Signal()
