"""Ratios as the text columns hold them."""

from functools import lru_cache

from lineside_contracts.values import format_ratio

KEPT = 1024

text = lru_cache(maxsize=KEPT)(format_ratio)
"""Writing a ratio is dear, and the few there are come again with every row."""
