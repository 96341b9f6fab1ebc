"""The Prometheus metrics of every service, labelled so that one dashboard shows them all."""

from prometheus_client import Counter, Gauge, Histogram

_LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

STATEMENTS = Counter(
    "lineside_sql_statements_total", "Statements sent, BEGIN and COMMIT included.", ["service"]
)
HANDLER_SECONDS = Histogram(
    "lineside_handler_seconds", "Time of one transaction.", ["handler"], buckets=_LATENCIES
)
EVENTS_HANDLED = Counter("lineside_events_handled_total", "Messages applied.", ["consumer"])
REFUSED = Counter("lineside_refused_total", "Requests the rules said no to.", ["reason"])
POISON = Counter("lineside_poison_total", "Messages that can never be processed.", ["consumer"])
RETRY = Counter("lineside_retry_total", "Pauses for something that was away.", ["consumer"])
CONFLICT = Counter("lineside_conflict_total", "Lost optimistic locks.", ["consumer"])
BUG = Counter("lineside_bug_total", "Handlers that failed.", ["consumer"])
DEAD_LETTERS = Counter("lineside_dead_letters_total", "Messages set aside.", ["consumer"])
CONSUMER_LAG = Gauge("lineside_consumer_lag", "Messages waiting or in hand.", ["consumer"])
OUTBOX_DEPTH = Gauge("lineside_outbox_depth", "Events read by the last relay cycle.", ["service"])
PUBLISH_SECONDS = Histogram(
    "lineside_relay_publish_seconds", "Time to publish a batch.", ["service"], buckets=_LATENCIES
)
PUBLISHED = Counter("lineside_events_published_total", "Events published.", ["service"])
