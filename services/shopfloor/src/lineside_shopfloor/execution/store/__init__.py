"""Logs, tracks and intervals: loaded for a decision, and stored after it."""
