"""The entry grid in a real browser."""
