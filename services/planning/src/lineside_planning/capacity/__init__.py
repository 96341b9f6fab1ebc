"""Capacity: committed load, feasibility, lead times and promises."""
