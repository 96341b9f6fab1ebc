"""Pure decisions about sales documents: no clock, no ids made, no I/O."""
