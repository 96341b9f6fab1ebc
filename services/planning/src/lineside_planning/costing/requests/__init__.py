"""Questions about costs, from the gateway."""
