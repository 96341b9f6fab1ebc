"""The tables of costing; migrations create the same ones, and a test compares them."""
