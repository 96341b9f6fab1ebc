"""Events in: load, ask the domain, store and say, in one transaction per batch and tenant.

`expansions` makes work orders of what routing planned, `production_orders` lets them follow their
order, `master_data` keeps the few facts of other services that the floor needs.
"""
