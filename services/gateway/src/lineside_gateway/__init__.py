"""The gateway: may this person ask this?

A request moves like this: HTTP → `requests` (who is it, may they, is it well formed) → NATS →
the service that decides → `requests` (status, ETag, problem document) → HTTP.
An event moves like this: EVENTS → `handlers` (follow, fan out) → WebSocket.
Nothing is decided and nothing is kept here.
"""
