"""Rows to facts: plants, departments, projects, working times."""
