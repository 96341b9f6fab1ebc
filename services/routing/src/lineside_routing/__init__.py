"""Which runs make an order: operations, work centers, routing templates, expansion."""
