"""Why an order has cost more or less than it should: variances that add up exactly.

Standard is what the good output should have cost (estimate x good / ordered). Between that and the
actual cost of each component and operation lie four steps, each with one reason:

    actual price → standard price          price, rate
    actual quantity → standard for the pieces processed   usage, efficiency
    pieces processed → pieces the good output allows       scrap
    fixed per order (setup, plates) → its share of the output   quantity

Source: the standard-costing breakdown of Horngren, Datar, Rajan, "Cost Accounting", ch. 7 and 8,
with the scrap step taken out of usage and efficiency.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from lineside_contracts.planning import Variance
from lineside_planning.costing.domain.facts import MaterialFacts, OperationFacts, OrderFacts

Kind = Literal["price", "usage", "rate", "efficiency", "scrap", "quantity"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_MINUTES_PER_HOUR = 60
_EXPLANATIONS: dict[Kind, str] = {
    "price": "material was bought at another price than its standard cost",
    "usage": "more or less material went in than the pieces processed should take",
    "rate": "hours cost another rate than planned",
    "efficiency": "more or less time was worked than the pieces processed should take",
    "scrap": "more or fewer pieces were processed than the good output allows",
    "quantity": "what is fixed per order was spread over another quantity than ordered",
}


class Share(NamedTuple):
    """A reason's amount."""

    kind: Kind
    amount: Fraction


class _Output(NamedTuple):
    """How far an order came: good over ordered, and processed over planned, by operation."""

    good: Fraction
    processed: dict[int, Fraction]


def explain(facts: OrderFacts, *, total: Decimal) -> tuple[Variance, ...]:
    """Explain the difference between actual and standard cost of an order that has ended.

    Args:
        facts: What is known of it.
        total: The difference in cents; rounding goes to the largest reason.

    Returns:
        The reasons that have an amount, largest first; together they are `total`.
    """
    sums = dict.fromkeys(KINDS, Fraction(0))
    for share in _shares(facts):
        sums[share.kind] += share.amount
    amounts = {kind: _cents(amount) for kind, amount in sums.items()}
    largest = max(amounts, key=lambda kind: abs(amounts[kind]))
    amounts[largest] += total - sum(amounts.values(), Decimal(0))
    found = sorted(amounts.items(), key=lambda item: -abs(item[1]))
    return tuple(
        Variance(kind=kind, amount=amount, explanation=_told(kind, amount))
        for kind, amount in found
        if amount
    )


def _shares(facts: OrderFacts) -> Iterable[Share]:
    output = _output(facts)
    for material in facts.materials:
        yield from _of_material(material, output)
    for operation in facts.operations:
        yield from _of_operation(operation, output)


def _of_material(material: MaterialFacts, output: _Output) -> Iterable[Share]:
    standard = Fraction(material.standard_cost or 0)
    issued, needed = Fraction(material.issued), Fraction(material.needed)
    yield Share("price", Fraction(material.issued_value) - issued * standard)
    if material.is_fixed:
        yield Share("usage", (issued - needed) * standard)
        yield Share("quantity", needed * (1 - output.good) * standard)
        return
    processed = output.processed.get(material.sequence_number, output.good)
    yield Share("usage", (issued - needed * processed) * standard)
    yield Share("scrap", needed * (processed - output.good) * standard)


def _of_operation(operation: OperationFacts, output: _Output) -> Iterable[Share]:
    crew = Fraction(operation.crew_size)
    machine = Fraction(operation.machine_minutes)
    times = (
        (operation.machine_rate, machine, Fraction(1), operation.machine_value),
        (operation.overhead_rate, machine, Fraction(1), operation.overhead_value),
        (operation.labour_rate, Fraction(operation.labour_minutes), crew, operation.labour_value),
    )
    processed = output.processed[operation.sequence_number]
    setup, run = Fraction(operation.setup_minutes), Fraction(operation.run_minutes)
    for rate, minutes, people, value in times:
        per_minute = Fraction(rate or 0) / _MINUTES_PER_HOUR
        yield Share("rate", Fraction(value) - minutes * per_minute)
        yield Share("efficiency", (minutes - (setup + run * processed) * people) * per_minute)
        yield Share("scrap", run * (processed - output.good) * people * per_minute)
        yield Share("quantity", setup * (1 - output.good) * people * per_minute)


def _output(facts: OrderFacts) -> _Output:
    good = Fraction(facts.good) / Fraction(facts.quantity) if facts.quantity else Fraction(0)
    return _Output(good, {o.sequence_number: _processed(o, good) for o in facts.operations})


def _processed(operation: OperationFacts, good: Fraction) -> Fraction:
    """Without any report the operation is taken to have processed what the output took."""
    if not operation.reported or not operation.planned_input:
        return good
    return Fraction(operation.reported) / Fraction(operation.planned_input)


def _cents(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _told(kind: Kind, amount: Decimal) -> str:
    side = "more" if amount > 0 else "less"
    return f"{abs(amount)} {side} than standard: {_EXPLANATIONS[kind]}"
