"""Pages by which people report, sign off, verify and publish."""
