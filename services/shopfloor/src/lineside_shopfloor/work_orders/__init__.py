"""Work orders: made of expansions or by hand, following their production order."""
