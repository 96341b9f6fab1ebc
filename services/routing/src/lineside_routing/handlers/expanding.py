"""Expanding a batch of orders: one load of choices, pure decisions, one write, one event each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.envelope import Envelope
from lineside_contracts.problems import Fault
from lineside_contracts.routing import RoutingExpanded, RoutingFailed, RunStatus
from lineside_routing.domain import expansion, orders
from lineside_routing.domain.expansion import Expanded
from lineside_routing.domain.orders import Known, OrderFacts
from lineside_routing.domain.selection import Choice
from lineside_routing.domain.templates import Template
from lineside_routing.store import choices, expansions
from lineside_routing.store.choices import Pair
from lineside_routing.store.expansions import StoredRun
from lineside_routing.store.templates import TemplateCache


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order to be expanded, what is stored of it, and the event that asks for it.

    `cause` carries the order's own correlation, whoever brings it back.
    """

    facts: OrderFacts
    known: Known | None
    cause: Envelope

    @property
    def pair(self) -> Pair:
        """What its routing is looked up by."""
        return self.facts.order.product_code, self.facts.order.product_category


async def expand_orders(uow: UnitOfWork, wanted: Sequence[Wanted], cache: TemplateCache) -> None:
    """Expand some orders, or register why that does not work."""
    if not wanted:
        return
    found = await choices.choices(uow, [order.pair for order in wanted])
    templates = await cache.load(uow, {c.routing for c in found.values() if c.routing})
    stored = await expansions.runs_of(
        uow, [order.known.id for order in wanted if order.known is not None]
    )
    for order in sorted(wanted, key=_id_of):  # everybody writes in the same order
        choice = found[order.pair]
        job = Job(
            order=order,
            choice=choice,
            template=templates.get(choice.routing) if choice.routing else None,
            stored=stored.get(order.facts.order.production_order_id, {}),
        )
        job.register(uow)


def _id_of(order: Wanted) -> UUID:
    return order.facts.order.production_order_id


@dataclass(frozen=True, slots=True)
class Job:
    """One order's expansion, with everything it is decided on."""

    order: Wanted
    choice: Choice
    template: Template | None
    stored: Mapping[int, StoredRun]

    def register(self, uow: UnitOfWork) -> None:
        """Decide, and register rows and event."""
        facts, known = self.order.facts, self.order.known
        outcome = self._outcome(uow)
        category = self.choice.product_category
        if not isinstance(outcome, Expanded) and orders.says_nothing_new(known, facts, outcome):
            self._keep_waiting(uow)
            return
        version = known.version + 1 if known else 1
        answer = orders.expansion_of(
            facts, version=version, template=self.template, outcome=outcome
        )
        expansions.save(
            uow,
            answer,
            facts=facts,
            product_category=category,
            known=known,
            correlation_id=self.order.cause.correlation_id,
        )
        if not answer.faults:
            expansions.save_runs(uow, answer, stored=self.stored)
        said = RoutingFailed if answer.faults else RoutingExpanded
        uow.emit(said(expansion=answer), caused_by=self.order.cause)

    def _keep_waiting(self, uow: UnitOfWork) -> None:
        facts, known, category = self.order.facts, self.order.known, self.choice.product_category
        before = (known.order_version, known.product_category) if known else None
        if before != (facts.order_version, category):
            expansions.keep_waiting(
                uow,
                facts,
                product_category=category,
                correlation_id=self.order.cause.correlation_id,
            )

    def _outcome(self, uow: UnitOfWork) -> Expanded | tuple[Fault, ...]:
        order = self.order.facts.order
        if self.template is None:
            return (orders.routing_missing(order.product_code, self.choice.product_category),)
        ids = {number: run.id for number, run in self.stored.items()}
        target = self.order.facts.target(self.choice.plant_code)
        outcome = expansion.expand(
            self.template, target, lambda number: ids.get(number) or uow.new_id()
        )
        return self._with_progress(outcome) if isinstance(outcome, Expanded) else outcome

    def _with_progress(self, outcome: Expanded) -> Expanded:
        """Runs that persist keep what the floor has made of them."""
        started = {
            number: run.status
            for number, run in self.stored.items()
            if run.status not in {RunStatus.PLANNED, RunStatus.CANCELLED}
        }
        if not started:
            return outcome
        runs = tuple(
            run.model_copy(update={"status": started.get(run.sequence_number, run.status)})
            for run in outcome.runs
        )
        return replace(outcome, runs=runs)
