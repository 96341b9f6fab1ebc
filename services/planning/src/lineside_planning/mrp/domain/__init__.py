"""The planning arithmetic: from facts of a plant to planned orders, pegs and messages; pure."""
