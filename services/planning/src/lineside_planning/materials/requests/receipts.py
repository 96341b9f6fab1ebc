"""Scheduled receipts for people: list, get, enter, change, receive, cancel."""

from decimal import Decimal
from uuid import UUID

from lineside_chassis import plant_access
from lineside_chassis.errors import Refused
from lineside_chassis.requests import Requests
from lineside_chassis.unit_of_work import UnitOfWork
from lineside_contracts import planning
from lineside_contracts.endpoint import Page
from lineside_contracts.planning import (
    ActOnReceipt,
    CreateReceipt,
    GetReceipt,
    ListReceipts,
    MovementKind,
    Receipt,
    ReceiveGoods,
    UpdateReceipt,
)
from lineside_contracts.problems import Fault, Problem, ProblemCode
from lineside_planning.materials.domain import (
    allocation,
    receipt_checks,
    receiving,
    stock_files,
)
from lineside_planning.materials.domain.bench import Bench, Receipt as BenchReceipt
from lineside_planning.materials.domain.movements import Occasion, Place, PoolKey, Spot
from lineside_planning.materials.domain.receiving import Arrival, Promise
from lineside_planning.materials.domain.stock_files import FileFacts
from lineside_planning.materials.requests import problems
from lineside_planning.materials.store import bench as benches, receipt_pages, saving, stock_facts
from lineside_planning.materials.store.bench import Wanted


def register(requests: Requests) -> None:
    """Answer the requests about receipts."""
    requests.answer(planning.LIST_RECEIPTS)(list_receipts)
    requests.answer(planning.GET_RECEIPT)(get_receipt)
    requests.answer(planning.CREATE_RECEIPT)(create_receipt)
    requests.answer(planning.UPDATE_RECEIPT)(update_receipt)
    requests.answer(planning.RECEIVE_GOODS)(receive_goods)
    requests.answer(planning.CANCEL_RECEIPT)(cancel_receipt)


async def list_receipts(uow: UnitOfWork, request: ListReceipts) -> Page[Receipt]:
    """Page through the receipts, soonest first."""
    return await receipt_pages.page(uow, request)


async def get_receipt(uow: UnitOfWork, request: GetReceipt) -> Receipt | Problem:
    """Read one receipt."""
    found = await receipt_pages.find(uow, request.receipt_id)
    if found is None:
        return _not_found(request.receipt_id)
    plant_access.require(uow, [found])
    return found


async def create_receipt(uow: UnitOfWork, request: CreateReceipt) -> Receipt | Problem:
    """Enter goods that were ordered elsewhere; those who wait for them get them promised."""
    plant_access.require(uow, [request])
    known = await stock_facts.load(
        uow,
        product_codes=[request.product_code],
        plant_codes=[request.plant_code],
        vendor_codes=[request.vendor_code] if request.vendor_code else [],
    )
    taken = await receipt_pages.taken_numbers(uow, [request.receipt_number])
    facts = FileFacts(
        products=known.products,
        plants=known.plants,
        vendors=known.vendors,
        taken_numbers=taken,
    )
    if faults := tuple(stock_files.receipt_faults(request, facts)):
        return _refused_entry(request, faults)
    key = PoolKey(request.product_code, request.plant_code)
    bench = await benches.load(uow, Wanted(pools=[key], holders=False))
    receipt = receiving.entered(
        request, uow.new_id(), unit_code=bench.pools[key].unit_code, by=uow.actor, now=uow.now
    )
    bench.add_receipt(receipt)
    return await _finish(uow, bench, receipt)


async def update_receipt(uow: UnitOfWork, request: UpdateReceipt) -> Receipt | Problem:
    """Change quantity, day or vendor; orders that count on it are judged anew."""
    bench, receipt = await _load(uow, request.receipt_id, request.expected_version)
    change = request.change
    vendors = [change.vendor_code] if change.vendor_code else []
    known = await stock_facts.load(uow, product_codes=[receipt.product_code], vendor_codes=vendors)
    facts = FileFacts(products=known.products, vendors=known.vendors)
    if faults := tuple(receipt_checks.change_faults(receipt, change, facts)):
        return problems.invalid(faults)
    promise = Promise(change.quantity, change.expected_on, change.vendor_code)
    receiving.change(bench, receipt, promise, by=uow.actor)
    return await _finish(uow, bench, receipt)


async def receive_goods(uow: UnitOfWork, request: ReceiveGoods) -> Receipt | Problem:
    """Goods arrived: they serve those they were promised to, then whoever waits."""
    bench, receipt = await _load(
        uow, request.receipt_id, request.expected_version, arriving=request.quantity
    )
    known = await stock_facts.load(
        uow, product_codes=[receipt.product_code], location_codes=[request.location_code]
    )
    location = known.locations.get(request.location_code)
    product = known.products.get(receipt.product_code)
    faults = tuple(receipt_checks.arrival_faults(receipt, request, product, location, now=uow.now))
    if faults or location is None:
        return problems.invalid(faults)
    arrival = Arrival(
        quantity=request.quantity,
        spot=Spot(Place(location.location_code, request.lot_number or ""), location.is_nettable),
        occasion=Occasion(
            kind=MovementKind.RECEIPT,
            happened_at=request.happened_at or uow.now,
            recorded_by=uow.actor,
            reason=receipt.number,
            receipt_id=receipt.id,
            unit_cost=receipt.unit_cost,
        ),
        is_last=request.is_last,
    )
    receiving.receive(bench, receipt, arrival, by=uow.actor)
    return await _finish(uow, bench, receipt)


async def cancel_receipt(uow: UnitOfWork, request: ActOnReceipt) -> Receipt | Problem:
    """Call off what is still to come; those it was promised to lack it again."""
    bench, receipt = await _load(uow, request.receipt_id, request.expected_version)
    receiving.cancel(bench, receipt, by=uow.actor)
    return await _finish(uow, bench, receipt)


async def _load(
    uow: UnitOfWork,
    receipt_id: UUID,
    expected_version: int | None,
    *,
    arriving: Decimal | None = None,
) -> tuple[Bench, BenchReceipt]:
    """Lock an open receipt with its pool and everybody concerned.

    Args:
        uow: The unit of work.
        receipt_id: Which.
        expected_version: The one that was seen, if that matters.
        arriving: How much comes; None: nothing moves.

    Raises:
        Refused: There is none, it belongs to another plant, was changed meanwhile or is closed.
    """
    found = await receipt_pages.find(uow, receipt_id)
    if found is None:
        raise Refused(_not_found(receipt_id))
    plant_access.require(uow, [found])
    key = PoolKey(found.product_code, found.plant_code)
    requisitions = [found.requisition_id] if found.requisition_id else []
    bench = await benches.load(
        uow,
        Wanted(
            receipts=[receipt_id],
            requisitions=requisitions,
            balances=arriving is not None,
            arriving=None if arriving is None else {key: arriving},
        ),
    )
    receipt = bench.receipts[receipt_id]
    problems.require_version(receipt.version, expected_version)
    if receipt.status != receiving.OPEN:
        raise Refused(_closed(receipt))
    return bench, receipt


async def _finish(uow: UnitOfWork, bench: Bench, receipt: BenchReceipt) -> Receipt:
    allocation.serve(bench, [receipt.pool_key])
    await saving.save(uow, bench)
    return receiving.state(receipt)


def _not_found(receipt_id: UUID) -> Problem:
    return problems.not_found("receipt", receipt_id, name="receipt_id")


def _closed(receipt: BenchReceipt) -> Problem:
    return Problem(
        code=ProblemCode.RECEIPT_CLOSED,
        detail=f"Receipt {receipt.number} is {receipt.status}: nothing more comes of it.",
        facts={"status": receipt.status, "quantity_received": str(receipt.received)},
    )


def _refused_entry(request: CreateReceipt, faults: tuple[Fault, ...]) -> Problem:
    """A taken number alone is a conflict; anything else wrong is told with it."""
    if [fault.code for fault in faults] != ["code_taken"]:
        return problems.invalid(faults)
    facts = {"receipt_number": request.receipt_number, "product_code": request.product_code}
    return Problem(code=ProblemCode.CODE_TAKEN, detail=faults[0].message, facts=facts)
