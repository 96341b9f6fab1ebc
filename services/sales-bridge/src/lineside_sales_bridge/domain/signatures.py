"""How calls are signed, in both directions: HMAC-SHA256 over time and body."""

import hashlib
import hmac

TIMESTAMP_HEADER = "Lineside-Timestamp"
SIGNATURE_HEADER = "Lineside-Signature"
SIGNATURE_PREFIX = "v1="


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign a body.

    Args:
        secret: Of the source.
        timestamp: Unix seconds, as sent in the header.
        body: As sent, byte for byte.

    Returns:
        The value of the header `Lineside-Signature`.

    Raises:
        Nothing.
    """
    signed = timestamp.encode() + b"." + body
    return SIGNATURE_PREFIX + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
