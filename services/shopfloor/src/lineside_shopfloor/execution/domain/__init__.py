"""What reports mean for work orders, operations and times; no I/O."""
