"""Requests about master data, from the gateway."""
