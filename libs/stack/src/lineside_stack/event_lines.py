"""A live event as one line that people read while it happens: when, what, what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.text import Text

from lineside_stack import floor_events
from lineside_stack.live_events import Frame

Data = Mapping[str, Any]

_NAME_WIDTH = 31
"""The longest names of the floor's events fit, such as delivery_prediction_updated."""

_FACTS = ("quantity", "reason", "reason_code", "due_date", "promised_date")
_NAMES_SHOWN = 3


def line(frame: Frame) -> Text:
    """Write an event for a terminal, local time first."""
    at = datetime.fromisoformat(frame["timestamp"]).astimezone()
    data = frame["data"] if isinstance(frame["data"], dict) else {}
    shown = Text.assemble((f"{at:%H:%M:%S.%f}"[:-3], "dim"), "  ")
    shown.append(frame["event"].ljust(_NAME_WIDTH), "bold").append(" ")
    return shown.append_text(floor_events.told(frame["event"], data) or _generally(data))


def _generally(data: Data) -> Text:
    """Whatever numbers and codes an event has, how its status moved, and some facts."""
    known = (data[name] for name in data if name.endswith(("_number", "_code")) and data[name])
    shown = Text(" ".join(str(value) for value in list(known)[:_NAMES_SHOWN]))
    if data.get("old_status") and data.get("new_status"):
        shown.append(f"  {data['old_status']} → {data['new_status']}", "green")
    for name in _FACTS:
        shown.append(f"  {name}={data[name]}" if data.get(name) else "", "cyan")
    return shown
