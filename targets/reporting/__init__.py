"""From due to published: cycles, entries, checks, sign-off, reminders."""
