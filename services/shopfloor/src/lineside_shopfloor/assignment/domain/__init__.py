"""Which waiting work goes on which free lane; no I/O."""
