"""What the pages of the data sources show."""
