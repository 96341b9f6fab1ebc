"""Measurements on the running system; `make bench` starts one and prints the tables."""
