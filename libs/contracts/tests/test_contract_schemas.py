"""Schemas are frozen: what is checked in is what the code says, and no reader is left behind."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineside_contracts import documents, registry, streams

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "libs/contracts/schemas"


@pytest.mark.parametrize("name", sorted(documents.schemas()))
def test_a_schema_is_checked_in_and_unchanged(name: str) -> None:
    stored = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    current = documents.schemas()[name]
    broken = list(documents.incompatibilities(stored, current))
    assert not broken, f"{name} breaks older readers, make it a new version: {broken}"
    assert stored == current, "run `make schemas` and commit the result"


def test_no_published_schema_version_has_lost_its_event() -> None:
    lost = {file.name for file in SCHEMAS.glob("*.json")} - documents.schemas().keys()
    assert not lost


def test_generated_documents_are_current() -> None:
    assert json.loads((ROOT / "libs/contracts/asyncapi.json").read_text()) == documents.asyncapi()
    assert (ROOT / "docs/events.md").read_text(encoding="utf-8") == documents.events_reference()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ({"properties": {"a": {}}}, {"properties": {}}, "a: removed"),
        (
            {"properties": {"a": {"type": "string"}}},
            {"properties": {"a": {"type": "number"}}},
            "a: type string became number",
        ),
        (
            {"properties": {"a": {}}, "required": ["a"]},
            {"properties": {"a": {}}},
            "a: no longer always present",
        ),
        (
            {"$defs": {"S": {"enum": ["x"]}}},
            {"$defs": {"S": {"enum": ["x", "y"]}}},
            "S: enum ['x'] became ['x', 'y']",
        ),
    ],
)
def test_a_change_that_breaks_readers_is_named(
    old: dict[str, Any], new: dict[str, Any], message: str
) -> None:
    assert message in list(documents.incompatibilities(old, new))


def test_a_new_optional_property_breaks_nobody() -> None:
    old = {"properties": {"a": {}}, "required": ["a"]}
    new = {"properties": {"a": {}, "b": {}}, "required": ["a", "b"]}
    assert not list(documents.incompatibilities(old, new))


def test_every_event_has_a_stream_and_a_unique_name() -> None:
    known = {*streams.EVENT_AGGREGATES, *streams.MASTER_DATA_AGGREGATES, streams.SALES_AGGREGATE}
    assert {event.EVENT.aggregate for event in registry.EVENTS} <= known
    assert len(registry.BY_WIRE_NAME) == len(registry.EVENTS)


def test_every_endpoint_has_its_own_subject() -> None:
    subjects = [endpoint.subject for endpoint in registry.endpoints()]
    assert len(subjects) == len(set(subjects))
