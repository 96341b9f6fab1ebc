"""Search over number, SAP number and description: whole, begun, and mistyped (SPEC 10)."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from lineside_contracts.shopfloor import (
    CREATE_WORK_ORDER,
    LIST_WORK_ORDERS,
    PLANTS,
    UPDATE_WORK_ORDER,
    CreateWorkOrder,
    ListWorkOrders,
    PlantFields,
    UpdateWorkOrder,
    WorkOrderChange,
)
from lineside_testkit.harness import Harness

ORDERS = {
    "REPAIR-2041": ("4500017742", "Galvanise the conveyor brackets"),
    "REPAIR-2042": ("4500028853", "Überholung Schneckengetriebe"),
    "BATCH/77-Q": ("4500039964", "Laminate hardcover dust jackets"),
    "WO-2026-99001": ("4500041175", "Perforate calendar sheets"),
    "WO-2026-99117": ("4500052286", "Crosscut corrugated blanks"),
}
"""By number: SAP number and description; no two share a word."""


@pytest.fixture(scope="module")
async def tenant(harness: Harness, by_hand: Callable[..., CreateWorkOrder]) -> UUID:
    made = harness.new_tenant()
    plant = PlantFields(plant_code="MAIN", plant_name="Main works", time_zone="Europe/Berlin")
    await harness.ask(PLANTS.create, plant, tenant_id=made)
    for number, (sap, description) in ORDERS.items():
        request = by_hand(
            work_order_number=number, sap_production_order=sap, description=description
        )
        assert (await harness.ask(CREATE_WORK_ORDER, request, tenant_id=made)).status == 201
    return made


async def found(harness: Harness, tenant: UUID, words: str) -> list[str]:
    request = ListWorkOrders(search=words)
    answer = await harness.ask(LIST_WORK_ORDERS, request, tenant_id=tenant)
    assert answer.status == 200, answer.body
    return [w.work_order_number for w in answer.body.items]


def words_of(number: str) -> list[str]:
    sap, description = ORDERS[number]
    return [number, sap, *description.split()]


def mistyped(word: str) -> Iterator[str]:
    """One letter missing, two swapped, one wrong: anywhere but at the first letter."""
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        yield word[:at] + ("x" if word[at] != "x" else "y") + word[at + 1 :]


@pytest.mark.parametrize("number", ORDERS)
async def test_every_word_and_every_beginning_of_one_finds_its_order(
    harness: Harness, tenant: UUID, number: str
) -> None:
    for word in words_of(number):
        for written in (word, word.lower(), word.upper()):
            assert number in await found(harness, tenant, written), written
        for length in range(3, len(word)):
            if word[:length][-1].isalnum():
                assert number in await found(harness, tenant, word[:length]), word[:length]


@pytest.mark.parametrize("number", ORDERS)
async def test_a_mistyped_number_or_long_word_finds_its_order(
    harness: Harness, tenant: UUID, number: str
) -> None:
    sap, description = ORDERS[number]
    for word in (sap, *(w for w in description.split() if len(w) >= 9)):
        missed = [w for w in mistyped(word) if number not in await found(harness, tenant, w)]
        assert not missed, word


async def test_the_whole_number_stands_above_those_that_only_begin_alike(
    harness: Harness, tenant: UUID, by_hand: Callable[..., CreateWorkOrder]
) -> None:
    longer = by_hand(work_order_number="REPAIR-20411", description="Something else")
    await harness.ask(CREATE_WORK_ORDER, longer, tenant_id=tenant)
    assert await found(harness, tenant, "REPAIR-2041") == ["REPAIR-2041", "REPAIR-20411"]
    assert (await found(harness, tenant, "REPAIR-20411"))[0] == "REPAIR-20411"


async def test_accents_and_punctuation_make_no_difference(harness: Harness, tenant: UUID) -> None:
    for typed in ("uberholung", "ÜBERHOLUNG", "repair2042", "repair 2042", "repair/2042"):
        assert (await found(harness, tenant, typed))[0] == "REPAIR-2042", typed


async def test_every_word_must_match(harness: Harness, tenant: UUID) -> None:
    assert await found(harness, tenant, "calendar 4500041175") == ["WO-2026-99001"]
    assert await found(harness, tenant, "calendar 4500052286") == []


async def test_a_change_is_found_by_its_new_words_alone(
    harness: Harness, tenant: UUID, by_hand: Callable[..., CreateWorkOrder]
) -> None:
    asked = by_hand(description="Zinc the railings")
    made = (await harness.ask(CREATE_WORK_ORDER, asked, tenant_id=tenant)).body
    change = WorkOrderChange(description="Anodise them", sap_production_order="4500077777")
    update = UpdateWorkOrder(work_order_id=made.id, expected_version=1, change=change)
    assert (await harness.ask(UPDATE_WORK_ORDER, update, tenant_id=tenant)).status == 200
    assert await found(harness, tenant, "zinc") == []
    for words in ("anodise", "4500077777", "45000777"):
        assert await found(harness, tenant, words) == [made.work_order_number]
