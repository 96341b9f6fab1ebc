"""The shop floor: plants, departments, lanes, and the work orders that expansions ask for.

An event comes in through `handlers`, a person's request through `requests`; both load through
`store`, ask `domain` what is to become of the work orders, and store and say it in one commit.
"""
