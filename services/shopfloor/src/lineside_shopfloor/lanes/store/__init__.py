"""Lanes and what holds them, locked for a decision and stored after it."""
