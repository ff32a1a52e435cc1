"""The pages of what is due, in a browser."""
