"""What a shift is, what was done in it, and how effective that was: pure and exact."""
