"""A printing plant as import files: brochures in four operations, with materials or without.

Brochures yield 98 %, 99 %, 99.5 % and 100 %; printing and die cutting are fabrication, folding and
packaging assembly, each on a work center of its own, so an order becomes four work orders.
"""

PLANT = "P1"


def _csv(header: str, *rows: str) -> str:
    return "\n".join((header, *rows, ""))


FILES: tuple[tuple[str, str], ...] = (
    ("plants", _csv("plant_code,plant_name,time_zone", f"{PLANT},Print works,Europe/Berlin")),
    (
        "work-centers",
        _csv(
            "work_center_code,work_center_name,plant_code",
            *(f"{code},{code.title()},{PLANT}" for code in ("PRESS", "CUTTER", "FOLDER", "PACK")),
        ),
    ),
    (
        "operations-catalogue",
        _csv(
            "operation_code,operation_name,operation_type,default_setup_minutes,"
            "default_run_seconds_per_unit,work_center_code",
            "B-PRINT,Printing,fabrication,20,0.5,PRESS",
            "B-CUT,Die cutting,fabrication,15,0.6,CUTTER",
            "B-FOLD,Folding,assembly,10,0.4,FOLDER",
            "B-PACK,Packaging,assembly,5,0.2,PACK",
        ),
    ),
    (
        "products",
        _csv(
            "product_code,product_name,product_category,unit_code,plant_code",
            f"BROCHURE-A4,Brochure A4,BROCHURES,EA,{PLANT}",
        ),
    ),
    (
        "routings",
        _csv(
            "routing_code,routing_name,product_code,activate,sequence_number,operation_code,"
            "yield_percentage",
            "R-BROCHURE,Brochure,BROCHURE-A4,true,10,B-PRINT,98",
            "R-BROCHURE,Brochure,BROCHURE-A4,true,20,B-CUT,99",
            "R-BROCHURE,Brochure,BROCHURE-A4,true,30,B-FOLD,99.5",
            "R-BROCHURE,Brochure,BROCHURE-A4,true,40,B-PACK,100",
        ),
    ),
)
PRODUCT = "BROCHURE-A4"
WORK_ORDERS_PER_LINE = 4

COMPONENTS: tuple[tuple[str, str, int, str, str], ...] = (
    ("PAPER", "SHEET", 0, "0.25", "10"),
    ("INK", "KGM", 3, "0.0009", "10"),
    ("PLATE", "EA", 0, "4", "10"),
    ("LACQUER", "KGM", 3, "0.0004", "20"),
    ("CARTON", "EA", 0, "0.004", "40"),
)
"""Code, unit, decimals, quantity in one brochure (plates: in one order), operation."""

PLENTY = 10**9
"""What lies of each: every order takes from the same five pools, and none goes short."""

MATERIAL_FILES: tuple[tuple[str, str], ...] = (
    ("units", _csv("unit_code,unit_name,dimension,decimals,factor", "SHEET,Sheet,count,0,1")),
    *FILES,
    (
        "products",
        _csv(
            "product_code,product_name,unit_code,unit_decimals,plant_code,make_or_buy,standard_cost",
            *(
                f"{code},{code.title()},{unit},{decimals},{PLANT},buy,0.1"
                for code, unit, decimals, _, _ in COMPONENTS
            ),
        ),
    ),
    ("vendors", _csv("vendor_code,vendor_name,lead_time_days", "V1,Vendor,7")),
    (
        "vendor-products",
        _csv("product_code,vendor_code,price", *(f"{row[0]},V1,0.1" for row in COMPONENTS)),
    ),
    ("stock-locations", _csv("location_code,location_name,plant_code", f"STORE,Store,{PLANT}")),
    (
        "boms",
        _csv(
            "product_code,line_number,component_code,quantity,unit_code,is_fixed_quantity,"
            "sequence_number",
            *(
                f"{PRODUCT},{10 * n},{code},{quantity},{unit},{str(code == 'PLATE').lower()},{at}"
                for n, (code, unit, _, quantity, at) in enumerate(COMPONENTS, start=1)
            ),
        ),
    ),
    (
        "stock",
        _csv(
            "product_code,location_code,quantity", *(f"{r[0]},STORE,{PLENTY}" for r in COMPONENTS)
        ),
    ),
)
"""The same plant with a bill of five components, vendors and stock."""
