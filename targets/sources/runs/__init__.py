"""Runs: one at a time, whole or not at all; when they are due, and when a source is left alone."""
