"""Requests in, from the gateway: what people ask about work orders and the places of the floor."""
