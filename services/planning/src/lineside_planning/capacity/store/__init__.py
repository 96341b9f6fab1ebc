"""Rows of capacity: every query is here."""
