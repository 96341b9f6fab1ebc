import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lineside_contracts.problems import ProblemCode
from lineside_sales_bridge import adapters
from lineside_sales_bridge.domain import content, documents
from lineside_sales_bridge.domain.documents import Reading, SalesVerb


def text(**over: Any) -> str:
    fields: dict[str, Any] = {
        "order_number": "SO-1",
        "revision": 2,
        "confirmed_at": "2026-11-20T08:00:00Z",
        "customer": {"code": "C-1"},
        "lines": [
            {
                "line_number": 1,
                "product_code": "BROCHURE",
                "quantity": "100",
                "unit": "EA",
                "due_date": "2026-12-15",
            }
        ],
    }
    return json.dumps(fields | over)


def read(body: bytes | str, verb: SalesVerb | None = None) -> Reading:
    return adapters.read(body, verb)[0]


def codes(body: bytes | str) -> list[str]:
    return [fault.code for fault in read(body).faults]


def test_unknown_fields_are_ignored_and_numbers_are_taken_as_quantities() -> None:
    reading = read(text(shop="west", line_items=[]).replace('"100"', "100.5"))
    assert reading.document is not None
    assert reading.document.lines[0].quantity == Decimal("100.5")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_unicode_encoding_with_its_mark_is_read(encoding: str) -> None:
    reading = read(text(order_number="SØ-1").encode(encoding))
    assert reading.order_number == "SØ-1"


@pytest.mark.parametrize(
    "body",
    [
        b'{"order_number": "SO-1", "lines": [',
        b'{"order_number": "\xe9"}',
        b"{",
        b"\xff\xfe\x00",
        b'{"order_number": "a\\u0000b"}',
        b'{"order_number": "a\x00b"}',
        b'{"order_number": "\\ud800", "lines": []}',
        b'{"order_number": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_malformed_and_says_where(body: bytes) -> None:
    reading = read(body)
    assert reading.code is ProblemCode.MALFORMED
    assert reading.document is None
    assert len(reading.faults[0].message) > 20


@pytest.mark.parametrize("body", [b"", b"hello", b"[1]", b"{}", b'{"a": 1}', b"null", b"5"])
def test_what_is_no_order_is_unsupported(body: bytes) -> None:
    assert read(body).code is ProblemCode.UNSUPPORTED_DOCUMENT


def test_nul_characters_never_reach_the_database() -> None:
    _, kept = adapters.read(b'{"order_number": "a\x00b\xff"}')
    assert "\0" not in kept
    assert "\\x00" in kept


def test_a_document_beyond_the_limit_is_too_large() -> None:
    reading = read(b'{"order_number": "' + b"x" * documents.MAX_DOCUMENT_BYTES + b'"}')
    assert reading.code is ProblemCode.PAYLOAD_TOO_LARGE


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('"abc"', "not_a_number"),
        ("true", "not_a_number"),
        ('"NaN"', "not_a_number"),
        ("1e999", "not_a_number"),
        ('"1e400"', "too_large"),
        ("0", "not_positive"),
        ("-3", "not_positive"),
        ('"0.0000001"', "too_many_decimals"),
        ("null", "missing"),
        ("[]", "not_a_number"),
    ],
)
def test_absurd_quantities_are_told_apart(written: str, code: str) -> None:
    assert codes(text().replace('"100"', written)) == [code]


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"confirmed_at": "2026-11-20T08:00:00"}, "no_time_zone"),
        ({"confirmed_at": "yesterday"}, "invalid_instant"),
        ({"priority": "asap"}, "not_allowed"),
        ({"revision": 0}, "too_small"),
        ({"revision": "x"}, "not_a_whole_number"),
        ({"revision": 10**30}, "too_large"),
        ({"order_number": ""}, "empty"),
        ({"order_number": "x" * 65}, "too_long"),
        ({"order_number": 7}, "wrong_type"),
        ({"tenant_id": "nobody"}, "invalid_uuid"),
        ({"customer": []}, "wrong_type"),
        ({"lines": {}}, "wrong_type"),
    ],
)
def test_wrong_fields_are_told_apart(over: dict[str, Any], code: str) -> None:
    (fault,) = read(text(**over)).faults
    assert fault.code == code
    assert fault.path.startswith(next(iter(over)))


def test_more_lines_than_allowed_is_one_fault() -> None:
    lines = json.loads(text())["lines"] * 2001
    assert codes(text(lines=lines)) == ["too_many"]


def test_the_subject_decides_what_a_document_says() -> None:
    assert read(text(), SalesVerb.AMENDED).verb is SalesVerb.AMENDED
    cancelled = read(text(), SalesVerb.CANCELLED)
    assert cancelled.cancellation is not None
    assert cancelled.cancellation.revision == 2


def test_without_a_subject_the_document_itself_says_it() -> None:
    assert read(text()).verb is SalesVerb.CONFIRMED
    assert read(text(event="sales.order.amended")).verb is SalesVerb.AMENDED
    assert read(text(event="cancelled")).cancellation is not None
    assert codes(text(event="shipped")) == ["not_allowed"]


def test_the_same_content_written_otherwise_has_the_same_hash() -> None:
    one, other = read(text()).document, read(text(tenant_id=None, extra=1)).document
    zoned = read(text(confirmed_at="2026-11-20T09:00:00+01:00").replace('"100"', "100.00")).document
    changed = read(text(currency="EUR")).document
    assert one
    assert other
    assert zoned
    assert changed
    hashes = [content.hash_of_document(each) for each in (one, other, zoned, changed)]
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    fields=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("order_number", "revision", "confirmed_at", "customer", "lines", "event"), JSON
        ),
    )
)
def test_any_json_is_read_or_refused(fields: dict[str, Any]) -> None:
    reading = read(json.dumps(fields))
    assert reading.document or reading.cancellation or reading.faults


@given(body=st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    reading, kept = adapters.read(body)
    assert reading.faults
    assert "\0" not in kept
