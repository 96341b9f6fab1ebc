"""Operations taken over without validating them again are as validated ones are."""

from uuid import UUID

import pytest

from lineside_contracts.routing import RoutingOperation, RoutingOperationFields
from lineside_routing.domain import versions
from lineside_testkit import builders

ID = UUID(int=7)


@pytest.mark.parametrize("fields", [*builders.BROCHURE_OPERATIONS, *builders.BOOK_OPERATIONS])
def test_an_operation_keeps_all_it_says_with_an_id_and_without(fields: dict[str, object]) -> None:
    written = RoutingOperationFields.model_validate(fields)
    stored = RoutingOperation.model_validate({"id": ID, **fields})
    assert versions.with_id(written, ID) == stored
    assert versions.with_id(written, ID).model_dump_json() == stored.model_dump_json()
    assert versions.bare(stored) == written
    assert versions.bare(stored).model_dump_json() == written.model_dump_json()
    other = versions.bare(stored).model_copy(update={"sequence_number": 5})
    assert (other.sequence_number, versions.bare(stored)) == (5, written)
