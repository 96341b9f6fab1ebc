"""Requests in, from the gateway: what people write down, and what they ask about the days."""
