"""Events in: what orders should cost, and what they did."""
