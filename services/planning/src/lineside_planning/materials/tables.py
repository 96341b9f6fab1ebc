"""The tables of materials; migrations create the same ones, and a test compares them."""
