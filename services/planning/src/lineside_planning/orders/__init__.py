"""Production orders: what sales, routing, materials, capacity and the floor make of them."""
