"""Requests in: runs, planned orders, items, exceptions, pegging."""
