"""What runs by itself: regenerations, checks, the turn of the day."""
