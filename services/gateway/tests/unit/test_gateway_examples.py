from typing import Any

import pytest
from pydantic import BaseModel

from lineside_contracts import planning, registry, sales
from lineside_gateway.requests import (
    boms,
    capacity,
    costs,
    examples,
    master_data,
    materials,
    mrp,
    passage,
    predictions,
    production_orders,
    routings,
    sales_orders,
    stock,
    work_orders,
)
from lineside_gateway.requests.doors import Door

AREAS = (
    sales_orders,
    production_orders,
    materials,
    stock,
    mrp,
    capacity,
    costs,
    boms,
    routings,
    work_orders,
    predictions,
    master_data,
)
DOORS: list[Door] = [door for area in AREAS for door in area.DOORS]
SHOWN = [(door.body_model, example) for door in DOORS for example in door.examples]
SHOWN.append((sales.SalesDocument, examples.SALES_DOCUMENT))


@pytest.mark.parametrize(("model", "example"), SHOWN)
def test_an_example_is_valid(model: type[BaseModel], example: dict[str, Any]) -> None:
    assert model.model_validate(example)


def test_every_kind_of_master_data_has_an_example() -> None:
    assert examples.MASTER_DATA.keys() == {kind.name for kind in registry.MASTER_DATA}


def test_a_door_s_body_is_what_the_address_leaves_over() -> None:
    doors = {(door.method, door.path): door for door in DOORS}
    change = doors["PUT", "/production-orders/{production_order_id}"]
    assert (change.wrapper, change.body_model) == ("change", planning.ProductionOrderChange)
    assert not change.body_is_required
    hold = doors["POST", "/production-orders/{production_order_id}/hold"]
    assert (hold.wrapper, list(hold.body_model.model_fields)) == ("", ["reason"])
    product = doors["PUT", "/products/{code:path}"]
    assert (product.wrapper, product.body_model) == ("fields", planning.ProductFields)
    assert product.body_is_required
    activate = doors["POST", "/routings/{routing_id}/activate"]
    assert not activate.rest


def test_what_was_made_is_found_where_its_door_says() -> None:
    doors = {(door.method, door.path): door for door in DOORS}
    moved = {"id": "7", "product_code": "A/4", "plant_code": "P 1"}
    movement = doors["POST", "/stock-movements"]
    place = passage.place_of(moved, movement, collection="/api/v1/stock-movements")
    assert place == "/api/v1/stock/A%2F4/P%201"
    receipt = doors["POST", "/receipts"]
    assert passage.place_of(moved, receipt, collection="/api/v1/receipts") == "/api/v1/receipts/7"
