"""Fixtures and builders for tests: real PostgreSQL, real NATS, real services. Nothing is mocked."""
