"""Bodies from a source: guarded connections, bounds of size and time, secrets, what is kept."""
