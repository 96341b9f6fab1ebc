"""Settings of a service as environment variables, the way its process reads them."""

import os
from collections.abc import Mapping
from typing import Any

PREFIX = "LINESIDE_"
_OURS = ("LINESIDE_DATABASE_URL", "LINESIDE_NATS_URL")
"""Addresses for whoever administers the servers; a service gets its own."""


def inherited() -> dict[str, str]:
    """Our environment as a service may see it."""
    return {name: value for name, value in os.environ.items() if name not in _OURS}


def of_settings(values: Mapping[str, Any]) -> dict[str, str]:
    """Write settings as environment variables; None is left out."""
    return {
        f"{PREFIX}{name.upper()}": str(value) for name, value in values.items() if value is not None
    }
