"""Rows to domain values and back; every query of planning is here."""
