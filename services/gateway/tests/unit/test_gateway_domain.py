import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts import streams
from lineside_contracts.permissions import Permission
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_gateway.domain import cursors, identity, live, preconditions, rates, refusals
from lineside_gateway.domain.cursors import Bounds, Cursor, Lost
from lineside_gateway.domain.identity import Identity
from lineside_gateway.domain.live import View
from lineside_gateway.domain.refusals import Refused
from lineside_gateway.requests import bodies

TENANT = UUID(int=1)
OTHER = UUID(int=2)
TOKENS = st.sampled_from(["a", "b", "work_order", "created"])


def who(**over: Any) -> Identity:
    claims = {
        "sub": str(SYSTEM_CLOCK.new_id()),
        "tenant_id": str(TENANT),
        "permissions": list(Permission),
        "exp": 1_800_000_000,
    }
    return identity.identity_of(claims | over)


def event(
    name: str = "work_order.created", *, tenant: UUID = TENANT, plant: str | None = None
) -> Any:
    return live.event_of(f"{name}.{tenant}.{SYSTEM_CLOCK.new_id()}", plant)


def test_an_identity_survives_its_ticket() -> None:
    for found in (who(), who(plants=[], name="Zoë"), who(plants=["A", "B"], permissions=[])):
        assert identity.identity_of(found.to_claims()) == found


def test_a_person_without_a_name_is_called_by_their_id() -> None:
    assert who(sub=str(TENANT), name=None).name == str(TENANT)
    assert len(who(name="x" * 1000).name) == identity.NAME_LENGTH


def test_every_aggregate_of_the_stream_has_a_read_permission() -> None:
    lanes = {name.partition(".")[0] for name in streams.LANE_EVENTS}
    aggregates = {*streams.EVENT_AGGREGATES, *lanes, streams.SALES_AGGREGATE}
    assert live.READ_PERMISSIONS.keys() == aggregates


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("work_order.*", "work_order.created", True),
        ("work_order.created", "work_order.created", True),
        ("work_order", "work_order.created", False),
        ("work_order.>", "work_order.created", True),
        (">", "sales.order.confirmed", True),
        ("sales.>", "sales.order.confirmed", True),
        ("sales.order.*", "sales.order.confirmed", True),
        ("sales.*", "sales.order.confirmed", False),
        ("*.created", "work_order.created", True),
        ("*.*", "work_order.created", True),
        ("work_order.created.>", "work_order.created", True),
        (f"work_order.*.{TENANT}.*", "work_order.created", True),
        (f"work_order.*.{OTHER}.*", "work_order.created", False),
    ],
)
def test_patterns_match_like_subjects(pattern: str, name: str, expected: bool) -> None:
    assert live.patterns_of([pattern]) == (pattern,)
    assert live.matches(pattern, event(name)) is expected


@given(st.lists(TOKENS, min_size=2, max_size=3), st.data())
def test_a_star_stands_for_any_one_token(tokens: list[str], data: Any) -> None:
    place = data.draw(st.integers(0, len(tokens) - 1))
    starred = [*tokens[:place], "*", *tokens[place + 1 :]]
    found = event(".".join(tokens))
    assert live.matches(".".join(starred), found)
    assert not live.matches(".".join([*starred, "created"]), found)


@pytest.mark.parametrize("values", [None, [], "x", [1], [""], ["a b"], ["a.>.b"], ["x" * 201]])
def test_what_is_no_pattern_is_refused(values: Any) -> None:
    with pytest.raises(ValueError, match=r"pattern|subscribe"):
        live.patterns_of(values)


def test_another_tenant_or_plant_or_missing_permission_hides_an_event() -> None:
    assert View(who(), (">",)).shows(event())
    assert not View(who(), (">",)).shows(event(tenant=OTHER))
    assert not View(who(permissions=["lane:read"]), (">",)).shows(event())
    assert not View(who(plants=["A"]), (">",)).shows(event(plant="B"))
    assert View(who(plants=["A"]), (">",)).shows(event(plant="A"))
    assert View(who(plants=[]), (">",)).shows(event(plant=None))
    assert not View(who(), (">",)).shows(event("something_new.created"))


@given(st.integers(0, 10**18), st.one_of(st.none(), st.uuids()))
def test_a_cursor_is_read_as_it_was_written(sequence: int, event_id: UUID | None) -> None:
    cursor = Cursor(sequence, event_id)
    assert cursors.parse(str(cursor)) == cursor


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_none(text: str) -> None:
    found = cursors.parse(text)
    assert found is None or found.sequence >= 0


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [(3, Lost.TOO_OLD), (4, None), (5, None), (9, None), (10, Lost.UNKNOWN)],
)
def test_a_cursor_is_good_while_nothing_after_it_is_gone(
    sequence: int, expected: Lost | None
) -> None:
    assert cursors.lost(Cursor(sequence), Bounds(first=5, last=9)) is expected


def test_an_empty_stream_resumes_from_its_end_only() -> None:
    empty = Bounds(first=8, last=7)
    assert cursors.lost(Cursor(7), empty) is None
    assert cursors.lost(Cursor(6), empty) is Lost.TOO_OLD


@given(st.lists(st.floats(0, 10), max_size=200))
def test_nobody_gets_more_than_burst_and_rate(waits: list[float]) -> None:
    limit = rates.RateLimit(per_second=2, burst=5)
    now = 100.0
    passed = 0
    for wait in waits:
        now += wait
        passed += limit.wait_seconds(TENANT, now) == 0
    assert passed <= 5 + (now - 100) * 2 + 1e-6


def test_waiting_as_long_as_told_is_enough() -> None:
    limit = rates.RateLimit(per_second=2, burst=1)
    assert limit.wait_seconds(TENANT, 10) == 0
    wait = limit.wait_seconds(TENANT, 10)
    assert wait == 0.5
    assert limit.wait_seconds(OTHER, 10) == 0
    assert limit.wait_seconds(TENANT, 10 + wait) == 0
    assert rates.RateLimit(per_second=0, burst=0).wait_seconds(TENANT, 0) == 0


def test_buckets_that_are_full_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_BUCKETS", 3)
    limit = rates.RateLimit(per_second=1, burst=2)
    for number in range(10):
        limit.wait_seconds(SYSTEM_CLOCK.new_id(), number * 10.0)
    assert len(limit._buckets) <= 3  # noqa: SLF001 -- what is claimed is its size


def test_an_etag_is_read_as_it_was_written() -> None:
    for version in (1, 17, 10**17):
        assert preconditions.expected_version(preconditions.etag_of(version)) == version


@given(st.text(max_size=250))
def test_any_text_is_a_key_or_malformed(text: str) -> None:
    printable = all("!" <= letter <= "~" for letter in text)
    if printable and 1 <= len(text) <= preconditions.KEY_LENGTH:
        assert preconditions.idempotency_key(text) == text
    else:
        with pytest.raises(Refused, match="Idempotency-Key"):
            preconditions.idempotency_key(text)


def test_facts_never_hide_a_member_of_the_standard() -> None:
    problem = Problem(
        code=ProblemCode.IN_USE, detail="d", facts={"status": "maintenance", "lane_number": "L1"}
    )
    document = refusals.document_of(problem, instance="/x", correlation_id="c")
    assert (document["status"], document["lane_number"]) == (409, "L1")
    assert document["facts"] == {"status": "maintenance"}


def test_one_fault_is_one_thing() -> None:
    fault = Fault(code="c", message="m")
    assert refusals.validation_problem([fault]).detail == "1 thing is wrong."
    many = refusals.validation_problem([fault] * 150)
    assert len(many.faults) == refusals.MOST_FAULTS
    assert many.detail.startswith("150 things")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0))
def test_json_numbers_stay_exact(number: Decimal) -> None:
    assert bodies.parse(f'{{"n": {number:f}}}'.encode())["n"] == number


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_body_is_json_or_malformed(body: bytes) -> None:
    try:
        json.loads(body)
    except ValueError:
        with pytest.raises(Refused, match="The body is no JSON"):
            bodies.parse(body)
