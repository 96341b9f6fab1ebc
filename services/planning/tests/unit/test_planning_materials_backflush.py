"""What reports use, cumulatively and rounded once."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, strategies as st

from lineside_planning.materials.domain import backflush
from lineside_planning.materials.domain.backflush import Report, Usage

GLUE = Usage(exact_need=Fraction("0.217"), planned_input=Decimal(100), decimals=3)


def posted_after(usage: Usage, totals: list[Decimal]) -> Decimal:
    """Post report by report."""
    posted = Decimal(0)
    for processed in totals:
        posted += backflush.to_post(usage, processed=processed, posted=posted)
    return posted


def test_a_hundred_logs_of_one_piece_use_what_one_log_of_a_hundred_uses() -> None:
    one_by_one = posted_after(GLUE, [Decimal(n) for n in range(1, 101)])
    assert one_by_one == posted_after(GLUE, [Decimal(100)]) == Decimal("0.217")


def test_a_correction_gives_back_what_it_takes_away() -> None:
    assert posted_after(GLUE, [Decimal(100), Decimal(50)]) == Decimal("0.109")
    assert posted_after(GLUE, [Decimal(100), Decimal(0)]) == 0


def test_what_is_fixed_per_order_is_used_once_at_the_first_report() -> None:
    plates = Usage(Fraction(4), planned_input=Decimal(10_361), decimals=0, is_fixed=True)
    assert backflush.used_for(plates, Decimal(0)) == 0
    assert backflush.used_for(plates, Decimal(1)) == 4
    assert backflush.to_post(plates, processed=Decimal(10_361), posted=Decimal(4)) == 0


def test_scrap_and_rework_use_material_like_good_pieces() -> None:
    report = Report(10, good=Decimal(5), scrap=Decimal(3), rework=Decimal(2))
    other = Report(20, good=Decimal(7))
    assert backflush.processed_at([report, other], 10) == 10


def test_a_by_product_arises_rounded_down() -> None:
    offcuts = Usage(Fraction("-0.7") * 10, planned_input=Decimal(10), decimals=0)
    assert [backflush.used_for(offcuts, Decimal(n)) for n in (1, 2, 10)] == [0, -1, -7]


def test_more_pieces_than_planned_use_more_than_was_needed() -> None:
    assert backflush.used_for(GLUE, Decimal(200)) == Decimal("0.434")


_pieces = st.integers(min_value=0, max_value=500).map(Decimal)


@given(
    need=st.fractions(min_value=-1000, max_value=1000),
    planned=st.integers(min_value=1, max_value=500),
    decimals=st.integers(min_value=0, max_value=4),
    totals=st.lists(_pieces, min_size=1, max_size=20),
)
def test_only_the_last_total_decides_what_is_posted(
    need: Fraction, planned: int, decimals: int, totals: list[Decimal]
) -> None:
    usage = Usage(need, Decimal(planned), decimals)
    assert posted_after(usage, totals) == posted_after(usage, totals[-1:])
