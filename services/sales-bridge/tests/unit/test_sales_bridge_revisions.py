from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from lineside_chassis.clock import SYSTEM_CLOCK
from lineside_contracts.problems import ProblemCode
from lineside_contracts.sales import SalesOrderStatus
from lineside_sales_bridge import adapters
from lineside_sales_bridge.domain import bookings
from lineside_sales_bridge.domain.bookings import BookedOrder
from lineside_sales_bridge.domain.documents import SalesVerb
from lineside_sales_bridge.domain.judge import Facts
from lineside_sales_bridge.domain.references import Product, References
from lineside_sales_bridge.domain.revisions import Effect
from lineside_sales_bridge.domain.rulings import Book
from lineside_sales_bridge.domain.verdicts import (
    Accepted,
    Postponed,
    Rejected,
    Ruling,
    Submission,
)

FACTS = Facts(References({"A": Product("A", "EA", 0)}), datetime(2026, 11, 20, 12, tzinfo=UTC))


@dataclass(frozen=True)
class Message:
    verb: SalesVerb
    revision: int | None
    quantity: int = 1

    @property
    def text(self) -> str:
        revision = "" if self.revision is None else f'"revision": {self.revision},'
        return f"""{{"order_number": "SO-1", {revision} "confirmed_at": "2026-11-20T08:00:00Z",
          "customer": {{"code": "C", "name": "Cust"}}, "lines": [{{"line_number": 1,
          "product_code": "A", "quantity": "{self.quantity}", "unit": "EA",
          "due_date": "2026-12-15"}}]}}"""


def confirmed(revision: int, quantity: int = 1) -> Message:
    return Message(SalesVerb.CONFIRMED, revision, quantity)


def amended(revision: int, quantity: int = 1) -> Message:
    return Message(SalesVerb.AMENDED, revision, quantity)


def cancelled(revision: int | None = None) -> Message:
    return Message(SalesVerb.CANCELLED, revision)


def submission(message: Message, *, is_patient: bool = False) -> Submission:
    reading, raw = adapters.read(message.text, message.verb)
    return Submission(SYSTEM_CLOCK.new_id(), reading, raw, "nats", is_patient=is_patient)


def rule(*messages: Message) -> list[Ruling]:
    book = Book([], FACTS)
    return [book.rule(submission(message)) for message in messages]


def last(*messages: Message) -> Ruling:
    return rule(*messages)[-1]


def order_after(rulings: Sequence[Ruling]) -> BookedOrder:
    return [ruling.booked for ruling in rulings if isinstance(ruling, Accepted)][-1]


def effects(*messages: Message) -> list[object]:
    return [r.effect if isinstance(r, Accepted) else _code(r) for r in rule(*messages)]


def _code(ruling: Ruling) -> ProblemCode:
    assert isinstance(ruling, Rejected)
    return ruling.code


def test_a_confirmed_order_is_opened_with_a_project_of_its_own() -> None:
    order = order_after(rule(confirmed(1))).order
    assert order is not None
    assert (order.version, order.revision, order.status) == (1, 1, SalesOrderStatus.CONFIRMED)
    assert (order.project_number, order.project_name) == ("SO-1", "Cust SO-1")


def test_a_project_of_its_own_has_a_name_that_fits() -> None:
    number, customer = "N" * 64, "C" * 200
    text = confirmed(1).text.replace("SO-1", number).replace("Cust", customer)
    reading, raw = adapters.read(text, SalesVerb.CONFIRMED)
    ruling = Book([], FACTS).rule(Submission(SYSTEM_CLOCK.new_id(), reading, raw, "nats"))
    assert isinstance(ruling, Accepted)
    assert ruling.said is not None
    assert len(ruling.said.project_name) == 200


def test_the_same_document_again_has_one_effect_and_the_same_order() -> None:
    first, again = rule(confirmed(1), confirmed(1))
    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert again.effect is Effect.REPEAT
    assert again.said is None
    assert again.answer == first.answer.model_copy(update={"status": "duplicate"})


def test_the_same_revision_with_other_content_is_a_mismatch() -> None:
    assert effects(confirmed(1), confirmed(1, 2))[1] is ProblemCode.REVISION_CONTENT_MISMATCH


def test_a_lower_revision_is_stale() -> None:
    assert effects(confirmed(2), confirmed(1))[1] is ProblemCode.STALE_REVISION


def test_an_accepted_revision_that_comes_late_again_is_a_repeat() -> None:
    assert effects(confirmed(1), confirmed(2), confirmed(1))[2] is Effect.REPEAT


def test_a_higher_confirmation_amends() -> None:
    assert effects(confirmed(1), confirmed(2)) == [Effect.OPEN, Effect.AMEND]


def test_an_amendment_before_its_confirmation_is_the_order() -> None:
    assert effects(amended(2), confirmed(1)) == [Effect.OPEN, ProblemCode.STALE_REVISION]


def test_after_a_cancellation_only_a_higher_confirmation_reopens() -> None:
    assert effects(confirmed(1), cancelled(2), amended(3), confirmed(2), confirmed(3)) == [
        Effect.OPEN,
        Effect.CANCEL,
        ProblemCode.INVALID_STATUS_TRANSITION,
        ProblemCode.STALE_REVISION,
        Effect.REOPEN,
    ]


def test_a_reopened_order_counts_its_confirmations() -> None:
    order = order_after(rule(confirmed(1), cancelled(), confirmed(2))).order
    assert order is not None
    assert (order.confirmation_count, order.version, order.cancel_reason) == (2, 3, None)


def test_a_cancellation_before_its_order_leaves_the_order_cancelled() -> None:
    rulings = rule(cancelled(2), confirmed(1), confirmed(3))
    assert [r.effect for r in rulings if isinstance(r, Accepted)] == [
        Effect.CANCEL_AHEAD,
        Effect.FILE_CANCELLED,
        Effect.REOPEN,
    ]
    ahead, filed, _ = rulings
    assert isinstance(ahead, Accepted)
    assert isinstance(filed, Accepted)
    assert ahead.said is None
    assert ahead.answer.warnings[0].code == "unknown_order"
    assert filed.said is not None
    assert (filed.said.status, filed.said.revision) == (SalesOrderStatus.CANCELLED, 2)
    assert filed.said.version == 1


def test_a_cancellation_without_revision_means_the_order_as_it_stands() -> None:
    assert effects(confirmed(4), cancelled(), cancelled(), confirmed(4), confirmed(5)) == [
        Effect.OPEN,
        Effect.CANCEL,
        Effect.REPEAT,
        Effect.REPEAT,
        Effect.REOPEN,
    ]


def test_a_cancellation_of_an_older_revision_is_stale() -> None:
    assert effects(confirmed(3), cancelled(2))[1] is ProblemCode.STALE_REVISION


def test_an_unknown_product_postpones_only_while_there_is_patience() -> None:
    message = Message(SalesVerb.CONFIRMED, 1)
    unknown = Facts(References(), FACTS.now)
    patient = Book([], unknown).rule(submission(message, is_patient=True))
    assert isinstance(patient, Postponed)
    refused = Book([], unknown).rule(submission(message))
    assert isinstance(refused, Rejected)
    assert refused.faults[0].code == "unknown_product"


def test_a_refused_order_is_judged_again() -> None:
    book = Book([], Facts(References(), FACTS.now))
    assert isinstance(book.rule(submission(confirmed(1))), Rejected)
    assert isinstance(Book([], FACTS).rule(submission(confirmed(1))), Accepted)


REVISIONS = st.integers(min_value=1, max_value=5)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Message], list[Message]]:
    """What a sales system said, one thing per revision, and one way it may arrive."""
    verbs = draw(
        st.lists(
            st.sampled_from([SalesVerb.CONFIRMED, SalesVerb.CANCELLED]), min_size=1, max_size=5
        )
    )
    said = [Message(verb, revision) for revision, verb in enumerate(verbs, start=1)]
    repeated = draw(st.lists(st.sampled_from(said), max_size=5))
    return said, draw(st.permutations([*said, *repeated]))


@given(histories())
def test_any_order_and_any_repetition_end_in_the_highest_revision(
    history: tuple[list[Message], list[Message]],
) -> None:
    said, arriving = history
    booked = order_after(rule(*arriving))
    assert booked.known.revision == len(said)
    assert booked.known.is_cancelled == (said[-1].verb is SalesVerb.CANCELLED)
    if booked.order is not None:
        assert booked.order.revision == len(said)


@given(
    st.lists(
        st.builds(Message, st.sampled_from([SalesVerb.CONFIRMED, SalesVerb.AMENDED]), REVISIONS),
        min_size=1,
        max_size=8,
    )
)
def test_amendments_and_confirmations_in_any_order_end_in_the_highest_revision(
    messages: list[Message],
) -> None:
    order = order_after(rule(*messages)).order
    assert order is not None
    assert order.revision == max(message.revision or 0 for message in messages)
    assert order.status is SalesOrderStatus.CONFIRMED


@given(st.lists(st.builds(Message, st.sampled_from(SalesVerb), st.none() | REVISIONS), max_size=8))
def test_versions_of_what_is_said_count_up_without_gaps(messages: list[Message]) -> None:
    rulings = rule(*messages)
    versions: list[int] = []
    for ruling in rulings:
        if isinstance(ruling, Accepted) and ruling.said is not None:
            versions.append(ruling.said.version)
            if ruling.booked.order != ruling.said:
                assert ruling.booked.order is not None
                versions.append(ruling.booked.order.version)
    assert versions == list(range(1, len(versions) + 1))


@pytest.mark.parametrize("quantity", [1, 2])
def test_a_promise_stands_only_while_the_goods_stay_the_same(quantity: int) -> None:
    opened = order_after(rule(confirmed(1)))
    assert opened.order is not None
    day = opened.order.lines[0].due_date
    book = Book([bookings.with_promise(opened, opened.order, day)], FACTS)
    ruling = book.rule(submission(confirmed(2, quantity)))
    assert isinstance(ruling, Accepted)
    assert ruling.booked.order is not None
    is_same = quantity == 1
    assert ruling.booked.order.promised_date == (day if is_same else None)
    assert ruling.booked.accepted_revision == (2 if is_same else None)
    assert ruling.booked.order.version == (4 if is_same else 3)
