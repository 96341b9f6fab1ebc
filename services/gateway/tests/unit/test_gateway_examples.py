from typing import Any

import pytest
from pydantic import BaseModel

from lineside_contracts import planning, registry, sales
from lineside_contracts.problems import ProblemCode
from lineside_gateway.requests import (
    boms,
    capacity,
    costs,
    documentation,
    equipment,
    examples,
    examples_answers,
    lanes,
    manpower,
    master_data,
    materials,
    mrp,
    passage,
    predictions,
    problem_codes,
    production_logs,
    production_orders,
    reporting,
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
    lanes,
    production_logs,
    manpower,
    reporting,
    equipment,
    predictions,
    master_data,
)
DOORS: list[Door] = [door for area in AREAS for door in area.DOORS]
SHOWN = [(door.body_model, example) for door in DOORS for example in door.examples]
SHOWN.append((sales.SalesDocument, examples.SALES_DOCUMENT))


@pytest.mark.parametrize(("model", "example"), SHOWN)
def test_an_example_is_valid(model: type[BaseModel], example: dict[str, Any]) -> None:
    assert model.model_validate(example)


@pytest.mark.parametrize(("model", "example"), examples_answers.ANSWERS.items())
def test_an_answer_shown_is_one(model: type[BaseModel], example: dict[str, Any]) -> None:
    told = model.model_validate(example).model_dump(mode="json")
    assert told.keys() >= example.keys()


def test_a_list_shows_a_page_of_its_items() -> None:
    listing = next(door for door in DOORS if (door.method, door.path) == ("GET", "/work-orders"))
    page = examples_answers.shown(listing.endpoint.answer)
    assert page["items"] == [examples_answers.WORK_ORDER]
    assert listing.endpoint.answer.model_validate(page)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_a_door_that_takes_a_body_shows_one(door: Door) -> None:
    takes_fields = door.takes_body and door.body_model.model_fields
    assert bool(takes_fields) == bool(door.examples)


def test_every_problem_code_is_explained() -> None:
    assert documentation.MEANINGS.keys() == set(ProblemCode)


def test_codes_follow_from_the_form_of_a_door() -> None:
    doors = {(door.method, door.path): problem_codes.of_door(door) for door in DOORS}
    listing = doors["GET", "/work-orders"]
    assert ProblemCode.INVALID_CURSOR in listing
    assert ProblemCode.NOT_FOUND not in listing
    release = doors["POST", "/work-orders/{work_order_id}/release"]
    assert release >= {
        ProblemCode.NOT_FOUND,
        ProblemCode.VERSION_CONFLICT,
        ProblemCode.IDEMPOTENCY_KEY_REUSED,
        ProblemCode.UNSUPPORTED_DOCUMENT,
        ProblemCode.INVALID_STATUS_TRANSITION,
    }
    change = doors["PUT", "/work-orders/{work_order_id}"]
    assert ProblemCode.IDEMPOTENCY_KEY_REUSED not in change


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
    report = doors["POST", "/production-logs"]
    kept, late = {"accepted": True, "id": "8"}, {"accepted": False, "id": "9", "work_order_id": "3"}
    at = "/api/v1/production-logs"
    assert passage.place_of(kept, report, collection=at) == "/api/v1/production-logs/8"
    conflicts = "/api/v1/log-conflicts?work_order_id=3"
    assert passage.place_of(late, report, collection=at) == conflicts
    receipt = doors["POST", "/receipts"]
    assert passage.place_of(moved, receipt, collection="/api/v1/receipts") == "/api/v1/receipts/7"
