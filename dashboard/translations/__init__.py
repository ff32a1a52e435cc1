"""The interface's texts and their English translations, in pure Python (no system gettext)."""
