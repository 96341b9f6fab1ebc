"""Facts about places and tenants that decisions need; no I/O."""
