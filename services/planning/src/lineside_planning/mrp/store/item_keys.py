"""Item keys: a product in a plant as the one opaque text the engine knows it by.

`<product>@<plant>`. Codes may contain an @; one in a plant's code is written as a line break, which
no code contains, so that the last @ of a key always divides it.
"""

from typing import NamedTuple

_AT, _WRITTEN = "@", "\n"


class ItemKey(NamedTuple):
    """A product in a plant; the plant is "" where none is known."""

    product_code: str
    plant_code: str


def text_of(product_code: str, plant_code: str | None) -> str:
    """Write a key.

    Args:
        product_code: The product.
        plant_code: The plant; None is "".

    Returns:
        The key.

    Raises:
        Nothing.
    """
    plant = plant_code or ""
    if _AT in plant:
        plant = plant.replace(_AT, _WRITTEN)
    return f"{product_code}{_AT}{plant}"


def parse(key: str) -> ItemKey:
    """Read a key back.

    Args:
        key: As `text_of` writes it.

    Returns:
        Product and plant.

    Raises:
        Nothing.
    """
    product, _, plant = key.rpartition(_AT)
    return ItemKey(product, plant.replace(_WRITTEN, _AT))


def parse_plan_key(plan_key: str) -> ItemKey:
    """Read the item out of a planned order's key, `<item>|<due date>|<ordinal>`.

    Args:
        plan_key: The engine's id of a planned order.

    Returns:
        Product and plant.

    Raises:
        ValueError: If it is no such key.
    """
    item, _due, _ordinal = plan_key.rsplit("|", 2)
    return parse(item)
