"""Routes of stock, its journal, scheduled receipts, lots and miscounts."""

from lineside_contracts import planning
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples
from lineside_gateway.requests.doors import Door

POOL = "/stock/{product_code:path}/{plant_code}"
RECEIPT = "/receipts/{receipt_id}"

DOORS = (
    Door("GET", "/stock", planning.LIST_STOCK),
    Door("GET", POOL, planning.GET_STOCK),
    Door("GET", "/stock-movements", planning.LIST_STOCK_MOVEMENTS),
    Door(
        "POST",
        "/stock-movements",
        planning.POST_STOCK_MOVEMENT,
        place="/stock/{product_code}/{plant_code}",
        examples=[examples.STOCK_COUNT, examples.STOCK_TRANSFER],
    ),
    Door("GET", "/receipts", planning.LIST_RECEIPTS),
    Door(
        "POST",
        "/receipts",
        planning.CREATE_RECEIPT,
        examples=[examples.RECEIPT],
        refused=[Code.CODE_TAKEN],
    ),
    Door("GET", RECEIPT, planning.GET_RECEIPT),
    Door(
        "PUT",
        RECEIPT,
        planning.UPDATE_RECEIPT,
        examples=[examples.RECEIPT_CHANGE],
        refused=[Code.RECEIPT_CLOSED],
    ),
    Door(
        "POST",
        f"{RECEIPT}/receive",
        planning.RECEIVE_GOODS,
        examples=[examples.GOODS],
        refused=[Code.RECEIPT_CLOSED],
    ),
    Door(
        "POST",
        f"{RECEIPT}/cancel",
        planning.CANCEL_RECEIPT,
        examples=[examples.REASON],
        refused=[Code.RECEIPT_CLOSED],
    ),
    Door("GET", "/genealogy", planning.GET_GENEALOGY),
    Door("GET", "/discrepancies", planning.LIST_DISCREPANCIES),
)
