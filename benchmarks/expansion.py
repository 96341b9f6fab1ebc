"""What expanding an order costs in pure processor time, next to fractions written down plainly.

    python -m benchmarks.expansion [--rounds 9]

Measured from a parsed template to the bytes of `routing.expanded`, as for each order: the largest
routing there may be, plain and with units, make-ready and joins, and the four operations of a
brochure. The reference computes the same with a fraction at every step
(libs/manufacturing/tests/fraction_reference.py) and lets the contract validate every run. Rounds of
both take turns; times are processor time, so that neighbours on the machine count less.
"""

import argparse
import runpy
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from lineside_contracts import envelope
from lineside_contracts.routing import (
    MAX_OPERATIONS,
    ProductionRun,
    RoutingExpanded,
    RoutingOperation,
)
from lineside_contracts.values import OperationType
from lineside_manufacturing import durations, quantities
from lineside_manufacturing.routing_plans import MINUTE_DECIMALS
from lineside_routing.domain import expansion, orders, templates
from lineside_routing.domain.catalogue import Resolution
from lineside_routing.domain.expansion import Expanded, Target
from lineside_routing.domain.orders import OrderFacts
from lineside_routing.domain.templates import Step, Template
from lineside_testkit import builders

REFERENCE = Path(__file__).parents[1] / "libs/manufacturing/tests/fraction_reference.py"
RATIOS = ("1", "0.25", "8", "1/3")
GOAL_MILLISECONDS = 50
CONSOLE = Console()

Rows = Sequence[dict[str, Any]]
reference_pass: Callable[..., Any] = runpy.run_path(str(REFERENCE))["reference_pass"]


@dataclass(frozen=True)
class Case:
    """A template, and how often it is expanded in one round."""

    name: str
    template: Template
    repeats: int


@dataclass(frozen=True)
class Timing:
    """Microseconds of one expansion, in each round."""

    ours: Sequence[float]
    reference: Sequence[float]

    @property
    def ratio(self) -> float:
        """How many times as long the reference takes, by medians."""
        return statistics.median(self.reference) / statistics.median(self.ours)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.expansion")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    facts = orders.facts_of(builders.production_order())
    table = Table(title="One expansion, template to event bytes (µs of processor time)")
    for column in ("operations", "bytes", "best", "median", "reference best", "median", "ratio"):
        table.add_column(column, justify="left" if column == "operations" else "right")
    for case in _cases():
        size = _check(case, facts)
        timing = _measure(case, facts, rounds)
        shown = (min(timing.ours), statistics.median(timing.ours))
        beside = (min(timing.reference), statistics.median(timing.reference))
        figures = [f"{value:,.0f}" for value in (size, *shown, *beside)]
        table.add_row(case.name, *figures, f"{timing.ratio:.1f}")
    CONSOLE.print(table)
    CONSOLE.print(f"goal: {MAX_OPERATIONS:,} operations in less than {GOAL_MILLISECONDS} ms")


def _cases() -> Sequence[Case]:
    plain = [
        {"sequence_number": 10 * n, "operation_code": "PRINT", "yield_percentage": "99.95"}
        for n in range(1, MAX_OPERATIONS + 1)
    ]
    mixed = [
        {
            **row,
            "setup_scrap_quantity": "3",
            "units_per_product": RATIOS[n % len(RATIOS)],
            "is_concurrent": n % 5 == 1,
        }
        for n, row in enumerate(plain)
    ]
    mixed[0]["is_concurrent"] = False
    return [
        Case(f"{MAX_OPERATIONS:,} in a row", _template(plain), 1),
        Case(f"{MAX_OPERATIONS:,} mixed", _template(mixed), 1),
        Case("4 (brochure)", _template(builders.BROCHURE_OPERATIONS), 200),
    ]


def _template(rows: Rows) -> Template:
    steps = [_step(UUID(int=number), row) for number, row in enumerate(rows)]
    made = templates.template(
        routing_id=UUID(int=0), routing_code="R", routing_version=1, steps=steps
    )
    if made is None:
        raise SystemExit("the benchmark's routing is not valid")
    return made


def _step(operation_id: UUID, fields: dict[str, Any]) -> Step:
    operation = RoutingOperation.model_validate({"id": operation_id, **fields})
    return Step(
        operation,
        Resolution(
            operation_name="Printing",
            operation_type=OperationType.FABRICATION,
            setup_minutes=Decimal(30),
            run_seconds_per_unit=Decimal("0.36"),
            work_center_code="PRESS",
            plant_code="MAIN",
            department_code=None,
            unit_decimals=0 if operation.unit_code else None,
        ),
    )


def _check(case: Case, facts: OrderFacts) -> int:
    """Both say the same to the last byte, or nothing is measured."""
    ours, reference = _ours(case.template, facts), _reference(case.template, facts)
    if ours != reference:
        raise SystemExit(f"{case.name}: the reference says something else")
    return len(ours)


def _measure(case: Case, facts: OrderFacts, rounds: int) -> Timing:
    ours, reference = [], []
    for _ in range(rounds):
        ours.append(_microseconds(lambda: _ours(case.template, facts), case.repeats))
        reference.append(_microseconds(lambda: _reference(case.template, facts), case.repeats))
    return Timing(ours, reference)


def _microseconds(work: Callable[[], bytes], repeats: int) -> float:
    begun = time.process_time_ns()
    for _ in range(repeats):
        work()
    return (time.process_time_ns() - begun) / 1000 / repeats


def _ours(template: Template, facts: OrderFacts) -> bytes:
    outcome = expansion.expand(template, facts.target(None), _run_id)
    if not isinstance(outcome, Expanded):
        raise SystemExit("the benchmark's order is too large")
    return _said(template, facts, outcome)


def _reference(template: Template, facts: OrderFacts) -> bytes:
    target = facts.target(None)
    operations = [
        templates.quantities_of(step.operation, step.decimals(target.unit_decimals))
        for step in template.steps
    ]
    planned = reference_pass(template.graph, operations, target.quantity)
    runs = tuple(
        _reference_run(step, target, figures)
        for step, figures in zip(template.steps, planned, strict=True)
    )
    return _said(template, facts, Expanded(runs, template.plant_code, ()))


def _reference_run(step: Step, target: Target, figures: tuple[Any, ...]) -> ProductionRun:
    number, planned_output, planned_input, planned_scrap, _, _, ledger, _ = figures
    minutes = durations.run_minutes(
        run_seconds_per_unit=step.resolution.run_seconds_per_unit,
        planned_input=planned_input,
        time_basis=step.operation.time_basis,
        batch_size=step.operation.batch_size,
    )
    names = ("kind", "quantity", "explanation")
    own = {
        "id": _run_id(number),
        "planned_input": planned_input,
        "planned_output": planned_output,
        "planned_scrap": planned_scrap,
        "run_minutes": quantities.as_decimal(minutes, MINUTE_DECIMALS),
        "ledger": [dict(zip(names, entry, strict=True)) for entry in ledger],
    }
    return ProductionRun.model_validate(vars(step.run(target.counted)) | own)


def _said(template: Template, facts: OrderFacts, outcome: Expanded) -> bytes:
    said = orders.expansion_of(facts, version=1, template=template, outcome=outcome)
    return envelope.encode_payload(RoutingExpanded(expansion=said))


def _run_id(number: int) -> UUID:
    return UUID(int=number)


if __name__ == "__main__":
    main()
