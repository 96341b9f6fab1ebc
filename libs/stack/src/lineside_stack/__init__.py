"""The `lineside` command: servers, services, demo, imports and checks on one machine."""
