"""What the floor says of its days: summaries, effectiveness, key figures; and of its equipment."""
