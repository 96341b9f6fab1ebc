"""What becomes of a request of schemathesis before it is sent; its configuration names this file.

A key that was used before, a version that never was and a made-up cursor end a request at the same
place every time: most requests go without, so that they come further.
"""

from itertools import count
from typing import Any, Final

import schemathesis

PRECONDITIONS: Final = ("Idempotency-Key", "If-Match", "If-None-Match")
KEPT_EVERY: Final = 8
SLOW: Final = "POST /api/v1/sales-orders"
"""An unknown product is waited for, a second and more: few of these are really judged."""
JUDGED_EVERY: Final = 20

_calls = count()


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]
) -> None:
    """Leave preconditions and cursors out, but for every eighth request."""
    number = next(_calls)
    if case.operation.label == SLOW and number % JUDGED_EVERY:
        case.headers["Idempotency-Key"] = "always-the-same"
    elif number % KEPT_EVERY:
        for name in PRECONDITIONS:
            case.headers.pop(name, None)
        (case.query or {}).pop("cursor", None)
