"""What the pages of reporting show."""
