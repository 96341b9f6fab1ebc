"""Loads the printing plant through the HTTP API; loading it again changes nothing."""

from importlib import resources

from lineside_stack import uploads
from lineside_stack.api import Api
from lineside_stack.terminal import Say

FILES = (
    "tenants",
    "units",
    "calendars",
    "plants",
    "departments",
    "labour-rates",
    "work-centers",
    "operations-catalogue",
    "lanes",
    "products",
    "vendors",
    "vendor-products",
    "stock-locations",
    "routings",
    "boms",
    "stock",
)
"""In the order a person would load them."""

NEW_ONLY = frozenset({"stock"})
"""Opening stock is counted once: later runs find what earlier ones left."""


async def load(api: Api, *, say: Say) -> None:
    """Import every file of the plant.

    Raises:
        RefusedError: The API refused one; the message has every fault.
    """
    data = resources.files("lineside_stack.demo") / "data"
    opened = (await api.get("/stock", limit=1))["items"]
    for kind in FILES:
        if kind in NEW_ONLY and opened:
            continue
        content = (data / f"{kind}.csv").read_bytes()
        report = await api.send(uploads.address(kind), content, media_type="text/csv")
        say(
            f"{kind}: {report['row_count']} rows, {report['created_count']} created, "
            f"{report['updated_count']} updated, {report['unchanged_count']} known already"
        )
