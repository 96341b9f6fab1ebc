"""Pure arithmetic of costs: no clock, no ids made, no I/O."""
