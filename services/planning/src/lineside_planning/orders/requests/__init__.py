"""Requests in, from the gateway: production orders and master data."""
