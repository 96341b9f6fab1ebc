"""Pure decisions of planning: no clock, no ids made, no I/O."""
