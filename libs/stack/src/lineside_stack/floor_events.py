"""What an event of the floor says, in the words of the floor."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from rich.text import Text

from lineside_stack.amounts import amount, share

Data = Mapping[str, Any]

_COLOURS: Final = {
    "completed": "green",
    "in_progress": "cyan",
    "occupied": "cyan",
    "available": "green",
    "maintenance": "yellow",
    "cancelled": "red",
    "on_hold": "yellow",
}


def told(name: str, data: Data) -> Text | None:
    """Say what became of what; None for events that are not of the floor.

    Args:
        name: As a live client hears it, e.g. "lane_assigned".
        data: The event's.
    """
    say = _SAYINGS.get(name)
    return say(data) if say else None


def _step(old: str, new: str) -> Text:
    return Text.assemble((old, "dim"), " → ", (new, _COLOURS.get(new, "")))


def _work_order(data: Data) -> Text:
    return Text(f"{data['work_order_number']} {_names(data)}".rstrip() + "  ")


def _names(data: Data) -> str:
    return ", ".join(operation["operation_name"] for operation in data.get("operations", ()))


def _work_order_status(data: Data) -> Text:
    return _work_order(data).append_text(_step(data["old_status"], data["new_status"]))


def _work_order_progress(data: Data) -> Text:
    done, ordered = amount(data["quantity_completed"]), amount(data["quantity_ordered"])
    return _work_order(data).append(f"{done} of {ordered} {data['unit_code']}")


def _operation_completed(data: Data) -> Text:
    made = f"{amount(data['good_quantity'])} good, {amount(data['scrap_quantity'])} scrap"
    return Text(
        f"{data['work_order_number']} {data['operation_number']} {data['operation_name']}  {made}"
    )


def _lane_status(data: Data) -> Text:
    told = Text(f"{data['lane_number']}  ")
    told.append_text(_step(data["old_status"], data["new_status"]))
    return told.append(f"  {data['reason']}" if data.get("reason") else "", "yellow")


def _lane_assigned(data: Data) -> Text:
    assignment = data["assignment"]
    told = Text(f"{data['lane_number']} ← {assignment['work_order_number']}  ")
    return told.append(assignment["origin"], "dim")


def _lane_released(data: Data) -> Text:
    assignment = data["assignment"]
    told = Text(f"{data['lane_number']} → {assignment['work_order_number']}  ")
    return told.append(assignment["release_reason"] or "", "dim")


def _log(data: Data) -> Text:
    where = " ".join(
        str(part) for part in (data["work_order_number"], data.get("operation_number")) if part
    )
    told = Text.assemble(f"{where} ", (data["kind"], "cyan"))
    told.append(" setup" if data["activity"] == "setup" else "")
    told.append(f" on {data['lane_number']}" if data.get("lane_number") else "")
    for name in ("good", "scrap", "rework"):
        quantity = data[f"{name}_quantity"]
        told.append(f", {amount(quantity)} {name}" if quantity.strip("0.") else "")
    return told.append(f"  {data['reason_code']}" if data.get("reason_code") else "", "yellow")


def _order_status(data: Data) -> Text:
    return _production_order(data).append_text(_step(data["old_status"], data["new_status"]))


def _order_completed(data: Data) -> Text:
    return _production_order(data).append("all of it is made", "green")


def _production_order(data: Data) -> Text:
    return Text(f"{data['production_order_number']} {data['product_code']}  ")


def _consumed(data: Data) -> Text:
    used = f"{amount(data['quantity'])} {data['unit_code']} {data['component_code']}"
    return Text.assemble(
        f"{data['production_order_number']}  {used} ", (data["issue_method"], "dim")
    )


def _prediction(data: Data) -> Text:
    told = Text(f"{data['project_number']} ready on ").append(data["predicted_date"], "bold")
    told.append(f" (P50 {data['p50_date']}, P95 {data['p95_date']}), ")
    return told.append(f"{Decimal(data['remaining_work_minutes']):,.0f} min of work left")


def _effectiveness(data: Data) -> Text:
    shown = (("oee", "OEE"), ("availability", "A"), ("performance", "P"), ("quality", "Q"))
    parts = [
        f"{label} {share(Decimal(data[name]) * 100)}"
        for name, label in shown
        if data[name] is not None
    ]
    where = f"{data['lane_number']} {data['production_date']} {data['shift']}  "
    return Text(where).append(", ".join(parts) or "no planned time", "cyan")


_SAYINGS: Final[Mapping[str, Callable[[Data], Text]]] = {
    "work_order_created": _work_order_progress,
    "work_order_changed": _work_order_progress,
    "work_order_status_changed": _work_order_status,
    "work_order_progressed": _work_order_progress,
    "work_order_operation_completed": _operation_completed,
    "lane_status_changed": _lane_status,
    "lane_assigned": _lane_assigned,
    "lane_released": _lane_released,
    "production_log_recorded": _log,
    "production_order_status_changed": _order_status,
    "production_order_completed": _order_completed,
    "material_consumed": _consumed,
    "delivery_prediction_updated": _prediction,
    "oee_calculated": _effectiveness,
}
