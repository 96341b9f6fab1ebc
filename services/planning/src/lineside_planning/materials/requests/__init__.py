"""Requests in: what people ask and do about materials."""
