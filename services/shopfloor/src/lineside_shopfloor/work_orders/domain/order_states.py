"""What the floor remembers of a production order: its newest state, and the expansion it follows.

Events of an order and its expansions come from different services in any order; versions decide.
A cancellation that comes first is a tombstone here, a release that comes first waits here.
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from lineside_contracts.planning import ProductionOrder, ProductionOrderStatus
from lineside_contracts.routing import Expansion
from lineside_contracts.values import Priority

FOLLOWED_FIELDS = frozenset({"priority", "due_date"})
"""What work orders take over from their production order whenever it changes there."""

_S = ProductionOrderStatus
_OVER = frozenset({_S.COMPLETED, _S.CLOSED})
_RELEASED = frozenset({_S.RELEASED, _S.IN_PROGRESS}) | _OVER


@dataclass(frozen=True, slots=True)
class OrderState:
    """One production order as the floor knows it.

    Attributes:
        id: The production order's.
        version: Of the order's newest event seen, 0 before the first.
        planning_version: Which state of product and quantity priority and due date belong to.
        status: Of the order then; None before the first event.
        is_released: Its work orders may be worked on.
        expansion_version: Of the newest expansion applied or refused, 0 before the first.
        plant_code: Where its days begin and end: the plant of its last operation once it is
            expanded, its product's before (RULES 26).
    """

    id: UUID
    version: int = 0
    planning_version: int = 0
    status: ProductionOrderStatus | None = None
    is_released: bool = False
    expansion_version: int = 0
    priority: Priority | None = None
    due_date: date | None = None
    cancel_reason: str | None = None
    plant_code: str | None = None

    @property
    def is_cancelled(self) -> bool:
        """The order is called off, for good."""
        return self.status is _S.CANCELLED

    @property
    def is_over(self) -> bool:
        """Everything is made: nothing is released any more."""
        return self.status in _OVER

    @property
    def releases_followers(self) -> bool:
        """Its work orders are released as their turn comes."""
        return self.is_released and not self.is_over and not self.is_cancelled


def after_event(
    state: OrderState, order: ProductionOrder, *, cancel_reason: str | None = None
) -> OrderState:
    """Follow an event of the order; an older one changes nothing, nor does any after a cancel."""
    if order.version <= state.version or state.is_cancelled:
        return state
    outdated = order.planning_version < state.planning_version
    return replace(
        state,
        version=order.version,
        planning_version=max(order.planning_version, state.planning_version),
        status=order.status,
        is_released=_is_released(order),
        priority=state.priority if outdated else order.priority,
        due_date=state.due_date if outdated else order.due_date,
        cancel_reason=cancel_reason,
        plant_code=(state.plant_code if state.expansion_version else None) or order.plant_code,
    )


def after_expansion(state: OrderState, expansion: Expansion) -> OrderState:
    """Follow an expansion; its copy of the order's facts counts where it is the newer one."""
    order = expansion.order
    plant_code = expansion.plant_code or state.plant_code
    followed = replace(state, expansion_version=expansion.version, plant_code=plant_code)
    if state.due_date is not None and order.planning_version <= state.planning_version:
        return followed
    return replace(
        followed,
        planning_version=order.planning_version,
        priority=order.priority,
        due_date=order.due_date,
    )


def changes(before: OrderState, after: OrderState) -> frozenset[str]:
    """Tell which of the followed fields the order itself changed."""
    return frozenset(
        name for name in FOLLOWED_FIELDS if getattr(before, name) != getattr(after, name)
    )


def is_redated(before: OrderState, after: OrderState) -> bool:
    """Tell whether work orders are to be dated anew."""
    return "due_date" in changes(before, after) and bool(after.expansion_version)


def _is_released(order: ProductionOrder) -> bool:
    on_hold = order.status is _S.ON_HOLD
    return (order.status_before_hold if on_hold else order.status) in _RELEASED
