"""Reports from the floor: what they say, whether they make sense, what follows from them."""
