"""Events in: what materials hears."""
