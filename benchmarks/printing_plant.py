"""A printing plant as import files: brochures in four operations, books with a cover branch.

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
