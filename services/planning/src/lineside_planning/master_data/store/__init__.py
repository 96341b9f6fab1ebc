"""Rows of master data, for the other packages too: every query is here."""
