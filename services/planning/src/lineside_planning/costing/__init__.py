"""Costs of production orders: estimated, actual, work in process, variances."""
