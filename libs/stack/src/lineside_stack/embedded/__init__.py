"""PostgreSQL and nats-server from their wheels, as child processes on this machine."""
