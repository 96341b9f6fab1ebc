"""What every Lineside service stands on.

A message moves like this: NATS → `consumers` (decode, group by tenant) → `processing` (one
transaction, verdicts) → the service's handler, which loads through `unit_of_work`, decides, and
registers writes and events → one statement, commit → `relay` → NATS.
Requests take the same way through `requests`.
"""
