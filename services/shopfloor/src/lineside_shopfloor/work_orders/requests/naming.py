"""Numbers of work orders made by hand: given or counted, never twice."""

from collections.abc import Mapping

from lineside_chassis.errors import Refused
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_contracts.shopfloor import CreateWorkOrder
from lineside_shopfloor.places.domain.facts import Facts
from lineside_shopfloor.work_orders.domain import numbers as numbering
from lineside_shopfloor.work_orders.store import numbers, work_orders

_CODES = {
    "work_order_number": ProblemCode.WORK_ORDER_NUMBER_TAKEN,
    "sap_production_order": ProblemCode.SAP_NUMBER_TAKEN,
}


async def refuse_taken(
    uow: UnitOfWork, *, number: str | None = None, sap_number: str | None = None
) -> None:
    """Check that numbers are free; whoever loses a race is asked here again and hears it then.

    Raises:
        Refused: One or both belong to other work orders; the answer names both.
    """
    given = {"work_order_number": number, "sap_production_order": sap_number}
    taken = await work_orders.taken(uow, number=number, sap_number=sap_number)
    faults = tuple(_fault(name, str(given[name])) for name in _CODES if name in taken)
    if faults:
        facts: Mapping[str, object] = {k: v for fault in faults for k, v in fault.facts.items()}
        raise Refused(
            Problem(
                code=ProblemCode(faults[0].code),
                detail=" ".join(fault.message for fault in faults),
                faults=faults,
                facts=dict(facts),
            )
        )


async def number_for(uow: UnitOfWork, request: CreateWorkOrder, facts: Facts) -> str:
    """Take the number a person gave, or count one."""
    given = request.work_order_number
    if given is not None:
        counted = numbering.read(given)
        if counted is not None:
            await numbers.skip_to(uow, *counted)
        return given
    zone = facts.zone_of(request.plant_code)
    series = numbering.series_at(facts.rules.work_order_prefix, uow.now, zone)
    lasts = await numbers.reserve(uow, {series: 1})
    return next(numbering.written(series, lasts[series], 1))


def _fault(name: str, value: str) -> Fault:
    return Fault(
        code=_CODES[name],
        path=name,
        message=f"{value} is the {name.replace('_', ' ')} of another work order.",
        facts={name: value},
    )
