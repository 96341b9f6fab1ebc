"""Decisions about capacity: pure, on facts that `store` loads."""
