"""How a production order begins: for a sales line, a parent's need, to stock, by hand."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.planning import (
    ChildNeed,
    CreateProductionOrder,
    PlannedOrder as ProposedOrder,
    ProductionOrder,
    ProductionOrderStatus as Status,
)
from lineside_contracts.problems import Fault
from lineside_contracts.sales import SalesOrder, SalesOrderLine
from lineside_contracts.values import Actor, Priority
from lineside_planning.orders.domain import facts, orders
from lineside_planning.orders.domain.facts import ProductFacts, ProjectFacts
from lineside_planning.orders.domain.orders import Ask, PlannedOrder


@dataclass(frozen=True, slots=True)
class Birth:
    """What a new order is given by whoever makes it."""

    id: UUID
    number: str
    project: ProjectFacts
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Goods:
    """What is to be made, how much, by when."""

    product_code: str
    quantity: Decimal
    unit_code: str
    due_date: date
    priority: Priority


def open_for_line(
    sales_order: SalesOrder, line: SalesOrderLine, *, birth: Birth, product: ProductFacts | None
) -> PlannedOrder:
    """Make the production order of a sales line; one of an unknown product waits for it."""
    order = _open(goods_of(sales_order, line), birth, product)
    return PlannedOrder(
        order.state.model_copy(
            update={
                "sales_order_id": sales_order.id,
                "sales_order_number": sales_order.order_number,
                "sales_line_number": line.line_number,
                "sales_revision": sales_order.revision,
            }
        ),
        ask=ask_of(sales_order, line),
        confirmation_count=sales_order.confirmation_count,
    )


def open_by_hand(
    request: CreateProductionOrder, *, birth: Birth, product: ProductFacts
) -> PlannedOrder:
    """Make an order for stock or for a project."""
    goods = Goods(
        product_code=product.product_code,
        quantity=request.quantity,
        unit_code=product.unit_code,
        due_date=request.due_date,
        priority=request.priority,
    )
    return _open(goods, birth, product)


def open_top_up(
    short: PlannedOrder, goods: Goods, *, birth: Birth, product: ProductFacts | None
) -> PlannedOrder:
    """Make the order of what another one ended short by.

    It belongs to the sales order, not to the line: goods go to that order and its cancellation
    calls this off, but the line's amendments are about the order that it was made for.
    """
    order = _open(goods, birth, product)
    state = short.state
    return replace(order, confirmation_count=short.confirmation_count).having(
        sales_order_id=state.sales_order_id,
        sales_order_number=state.sales_order_number,
        sales_revision=state.sales_revision,
        plant_code=order.state.plant_code or state.plant_code,
    )


def open_for_parent(
    parent: PlannedOrder, need: ChildNeed, *, birth: Birth, product: ProductFacts | None
) -> PlannedOrder:
    """Make the order of a sub-assembly that another order needs; its id is the need's."""
    ask = ask_of_need(parent, need)
    goods = Goods(
        product_code=ask.product_code,
        quantity=ask.quantity,
        unit_code=need.unit_code,
        due_date=ask.due_date,
        priority=ask.priority,
    )
    order = _open(goods, birth, product)
    return replace(order, ask=ask, requirement_id=need.requirement_id).having(
        parent_order_id=parent.state.id,
        parent_order_number=parent.state.production_order_number,
        level=parent.state.level + 1,
        plant_code=parent.state.plant_code or order.state.plant_code,
    )


def open_to_stock(
    proposal: ProposedOrder, *, birth: Birth, product: ProductFacts | None
) -> PlannedOrder:
    """Make a proposal of MRP real; its id is the proposal's."""
    goods = Goods(
        product_code=proposal.product_code,
        quantity=proposal.quantity,
        unit_code=proposal.unit_code,
        due_date=proposal.due_on,
        priority=Priority.MEDIUM,
    )
    order = _open(goods, birth, product)
    return order.having(plant_code=proposal.plant_code or order.state.plant_code)


def ask_of_need(parent: PlannedOrder, need: ChildNeed) -> Ask:
    """Say what a parent asks of its child."""
    return Ask(need.product_code, need.quantity, need.due_date, parent.state.priority)


def ask_of(sales_order: SalesOrder, line: SalesOrderLine) -> Ask:
    """Say what a line asks for."""
    return Ask(line.product_code, line.quantity, line.due_date, sales_order.priority)


def goods_of(sales_order: SalesOrder, line: SalesOrderLine) -> Goods:
    """Say what a line wants made."""
    return Goods(
        product_code=line.product_code,
        quantity=line.quantity,
        unit_code=line.unit_code,
        due_date=line.due_date,
        priority=sales_order.priority,
    )


def describe(order: PlannedOrder, goods: Goods, product: ProductFacts | None) -> PlannedOrder:
    """Give an order its product's data, or hold it until the product is known."""
    if product is not None:
        return _described(order, goods, product)
    fault = Fault(
        code=orders.UNKNOWN_PRODUCT,
        path="product_code",
        message=f"Product {goods.product_code} is not known to planning.",
        facts={"product_code": goods.product_code},
    )
    unknown = order.having(
        product_code=goods.product_code,
        product_name=None,
        product_category=None,
        plant_code=None,
        unit_code=goods.unit_code,
        unit_decimals=facts.default_decimals(goods.unit_code),
        faults=(fault,),
    )
    return orders.hold(unknown, by="system", reason=fault.message)


def meet_product(order: PlannedOrder, product: ProductFacts) -> PlannedOrder:
    """Complete an order whose product has become known; its routing has to be found anew."""
    state = order.state
    goods = Goods(
        product_code=state.product_code,
        quantity=state.quantity_ordered,
        unit_code=state.unit_code,
        due_date=state.due_date,
        priority=state.priority,
    )
    known = describe(order, goods, product)
    return orders.replan(known)


def _described(order: PlannedOrder, goods: Goods, product: ProductFacts) -> PlannedOrder:
    """Take over a product's data; an order held for want of it waits on for its routing."""
    others = tuple(f for f in order.state.faults if f.code != orders.UNKNOWN_PRODUCT)
    known = order.having(**facts.product_fields(product, unit_code=goods.unit_code), faults=others)
    if others == order.state.faults or not orders.is_held_by_system(known):
        return known
    return known.having(hold_reason=f"Product {goods.product_code} is known; its routing follows.")


def _open(goods: Goods, birth: Birth, product: ProductFacts | None) -> PlannedOrder:
    state = ProductionOrder(
        id=birth.id,
        version=1,
        production_order_number=birth.number,
        status=Status.PLANNED,
        project_id=birth.project.id,
        project_number=birth.project.project_number,
        project_name=birth.project.project_name,
        product_code=goods.product_code,
        quantity_ordered=goods.quantity,
        unit_code=goods.unit_code,
        unit_decimals=facts.default_decimals(goods.unit_code),
        priority=goods.priority,
        due_date=goods.due_date,
        created_at=birth.now,
        created_by=birth.actor,
        updated_at=birth.now,
        updated_by=birth.actor,
    )
    return describe(PlannedOrder(state), goods, product)
