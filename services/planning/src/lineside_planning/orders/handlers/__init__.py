"""Events in: each consumer of planning, from the stream to one transaction."""
