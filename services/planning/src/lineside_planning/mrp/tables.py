"""The tables of mrp; migrations create the same ones, and a test compares them."""
