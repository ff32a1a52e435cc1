"""The trail: every change of what people answer for, in a chain that nobody can rewrite."""

from targets.trail.acting import acting

__all__ = ["acting"]
