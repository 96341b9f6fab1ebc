"""Rows <-> facts and plans; every query of mrp is here."""
