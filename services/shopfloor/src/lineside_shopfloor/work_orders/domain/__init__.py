"""What the floor decides, as pure functions: no clock, no ids made, no I/O.

`handlers` and `requests` load work orders and facts, ask here, and store the `Outcome`s.
"""
