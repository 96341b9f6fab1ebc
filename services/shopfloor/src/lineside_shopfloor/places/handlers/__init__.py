"""Master data of other services in: what the floor keeps of it."""
