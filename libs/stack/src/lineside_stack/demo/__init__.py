"""The demonstration plant: its master data as CSV files, and a handful of orders."""
