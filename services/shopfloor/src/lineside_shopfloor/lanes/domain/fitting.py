"""Which work may go on which lane (RULES 11, 12): same plant and type, eligible work center."""

from dataclasses import dataclass

from lineside_contracts.problems import Problem, ProblemCode
from lineside_contracts.shopfloor import LaneState, WorkOrder
from lineside_contracts.values import OperationType


@dataclass(frozen=True, slots=True)
class WorkNeeds:
    """What work asks of a lane.

    Attributes:
        plant_code: Where it is done; work without a plant goes on no lane.
        operation_type: The type its lane must have.
        work_center_codes: Those it may be done at, alternates among them; none for work made by
            hand without one, which any lane of its type and plant can do.
    """

    plant_code: str | None
    operation_type: OperationType
    work_center_codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, work_order: WorkOrder) -> "WorkNeeds":
        """Read them from a work order; its operations share one eligibility (RULES 10)."""
        codes = (
            code
            for operation in work_order.operations
            for code in (operation.work_center_code, *operation.alternate_work_center_codes)
            if code is not None
        )
        return cls(work_order.plant_code, work_order.operation_type, frozenset(codes))


def misfit(lane: LaneState, needs: WorkNeeds) -> Problem | None:
    """Tell why work does not belong on a lane, whether or not the lane is free; None if it does."""
    if lane.plant_code != needs.plant_code:
        return _wrong_plant(lane, needs)
    if lane.lane_type != needs.operation_type:
        return _wrong_type(lane, needs)
    if not fits_work_center(lane.work_center_code, needs.work_center_codes):
        return _wrong_work_center(lane, needs)
    return None


def fits_work_center(work_center_code: str | None, wanted: frozenset[str]) -> bool:
    """Say whether a lane of a work center (or of none) can do work that may go to some."""
    return work_center_code is None or not wanted or work_center_code in wanted


def _wrong_plant(lane: LaneState, needs: WorkNeeds) -> Problem:
    where = f"of plant {needs.plant_code}" if needs.plant_code else "of no plant"
    return Problem(
        code=ProblemCode.LANE_PLANT_MISMATCH,
        detail=f"Lane {lane.lane_number} stands in plant {lane.plant_code}; the work is {where}.",
        facts={
            "lane_number": lane.lane_number,
            "lane_plant_code": lane.plant_code,
            "plant_code": needs.plant_code,
        },
    )


def _wrong_type(lane: LaneState, needs: WorkNeeds) -> Problem:
    return Problem(
        code=ProblemCode.LANE_TYPE_MISMATCH,
        detail=f"Lane {lane.lane_number} is for {lane.lane_type}; the work is"
        f" {needs.operation_type}.",
        facts={
            "lane_number": lane.lane_number,
            "lane_type": lane.lane_type.value,
            "operation_type": needs.operation_type.value,
        },
    )


def _wrong_work_center(lane: LaneState, needs: WorkNeeds) -> Problem:
    wanted = sorted(needs.work_center_codes)
    return Problem(
        code=ProblemCode.LANE_WORK_CENTER_MISMATCH,
        detail=f"Lane {lane.lane_number} belongs to work center {lane.work_center_code}; the work"
        f" goes to {' or '.join(wanted)}.",
        facts={
            "lane_number": lane.lane_number,
            "lane_work_center_code": lane.work_center_code,
            "work_center_codes": wanted,
        },
    )
