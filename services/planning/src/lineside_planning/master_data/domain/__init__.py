"""What must be true of master data: pure, no clock, no I/O."""
