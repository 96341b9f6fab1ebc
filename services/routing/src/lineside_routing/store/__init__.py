"""Rows to domain values and back; every query of routing is in one of these modules."""
