"""Events in: the floor's own logs and states, from which its reports are kept current."""
