"""The tables of capacity; migrations create the same ones, and a test compares them."""
