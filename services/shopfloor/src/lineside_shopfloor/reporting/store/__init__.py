"""Rows to figures and back: every query of the reports is in one of these modules."""
