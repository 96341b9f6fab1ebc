"""Lanes as people describe them."""
