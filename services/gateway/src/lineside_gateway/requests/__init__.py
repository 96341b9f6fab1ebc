"""HTTP requests in: authenticated, checked, forwarded, and answered.

`doors` makes a route of every endpoint of the contracts; the modules named after areas list the
routes; what does not fit that form (documents, files, tickets) is written out.
"""
