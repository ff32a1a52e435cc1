"""From the domain to view models: what a template prints."""
