"""Partitions, archive files and the rows that tell of them."""
