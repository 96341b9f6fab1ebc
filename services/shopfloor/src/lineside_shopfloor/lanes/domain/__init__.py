"""What a lane takes and when it does not; no I/O."""
