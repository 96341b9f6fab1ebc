"""Token buckets: how often a tenant may ask."""

from dataclasses import dataclass, field
from uuid import UUID

MOST_BUCKETS = 10_000
"""Full buckets are forgotten beyond this many; a forgotten one begins full, so nobody notices."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen: float


@dataclass
class RateLimit:
    """One bucket per tenant, refilled at `per_second` up to `burst`; 0 per second is no limit."""

    per_second: float
    burst: float
    _buckets: dict[UUID, _Bucket] = field(default_factory=dict)

    def wait_seconds(self, tenant_id: UUID, now: float) -> float:
        """Take a token; otherwise tell in how many seconds there will be one.

        Args:
            tenant_id: Whose bucket.
            now: Seconds of a monotonic clock.
        """
        if self.per_second <= 0:
            return 0
        bucket = self._buckets.get(tenant_id) or self._begin(tenant_id, now)
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.seen) * self.per_second)
        bucket.seen = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self.per_second
        bucket.tokens -= 1
        return 0

    def _begin(self, tenant_id: UUID, now: float) -> _Bucket:
        if len(self._buckets) >= MOST_BUCKETS:
            refilled = now - self.burst / self.per_second
            self._buckets = {k: b for k, b in self._buckets.items() if b.seen > refilled}
        return self._buckets.setdefault(tenant_id, _Bucket(self.burst, now))
