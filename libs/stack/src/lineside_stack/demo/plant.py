"""Loads the printing plant through the HTTP API; loading it again changes nothing."""

from importlib import resources

from lineside_stack.api import Api
from lineside_stack.terminal import Say

FILES = (
    "tenants",
    "units",
    "plants",
    "departments",
    "work-centers",
    "operations-catalogue",
    "lanes",
    "products",
    "routings",
)
"""In the order a person would load them."""


async def load(api: Api, *, say: Say) -> None:
    """Import every file of the plant.

    Raises:
        RefusedError: The API refused one; the message has every fault.
    """
    data = resources.files("lineside_stack.demo") / "data"
    for kind in FILES:
        content = (data / f"{kind}.csv").read_bytes()
        report = await api.send(f"/imports/{kind}", content, media_type="text/csv")
        say(
            f"{kind}: {report['row_count']} rows, {report['created_count']} created, "
            f"{report['updated_count']} updated, {report['unchanged_count']} known already"
        )
