"""Rows of costing and what it looks up; every query is here."""
