"""Pure manufacturing arithmetic that several services share, importable by any `domain`.

Exact quantities and units, the routing graph, the reverse pass with its rounding ledger, run times,
grouping into work orders, working calendars. No I/O, no clock, no ids made, no floats.
"""
