"""The gateway's own Prometheus metrics."""

from prometheus_client import Counter, Gauge, Histogram

_LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter(
    "lineside_http_requests_total", "Requests answered.", ["method", "route", "status"]
)
SECONDS = Histogram(
    "lineside_http_request_seconds", "Time to answer.", ["method", "route"], buckets=_LATENCIES
)
UNDOCUMENTED = Counter(
    "lineside_http_undocumented_refusals_total",
    "Refusals with a code that the OpenAPI document does not tell for the operation.",
    ["operation", "code"],
)
CLIENTS = Gauge("lineside_websocket_clients", "Clients that are connected.")
FRAMES = Counter("lineside_websocket_frames_total", "Event messages handed to clients.")
CUT_OFF = Counter("lineside_websocket_cut_off_total", "Clients closed for being slow.")
EVENTS = Counter("lineside_websocket_events_total", "Events read from the stream.")
"""Seen by the follower, whether or not a client wanted them."""
