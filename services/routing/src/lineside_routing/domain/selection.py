"""Which routing makes a product: its own first, then its category's (SPEC 6)."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RoutingKey:
    """An active template version; its content never changes under this key."""

    routing_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What is known for a product right now.

    Attributes:
        product_category: Its category by our projection, else by the order.
        plant_code: Its default plant, where the projection knows one.
        by_product: The active routing that names the product.
        by_category: The active routing that names the category and no product.
    """

    product_code: str
    product_category: str | None
    plant_code: str | None = None
    by_product: RoutingKey | None = None
    by_category: RoutingKey | None = None

    @property
    def routing(self) -> RoutingKey | None:
        """The routing to use."""
        return self.by_product or self.by_category
