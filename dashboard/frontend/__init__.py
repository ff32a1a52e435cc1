"""Building the browser files that come from npm."""
