"""Tests of cycles, obligations, deadlines and what is due."""
