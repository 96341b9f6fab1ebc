"""Bodies shown in the OpenAPI document; a test checks each against its model."""

from typing import Any

Example = dict[str, Any]

REASON: Example = {"reason": "The customer asked for it."}

SALES_DOCUMENT: Example = {
    "order_number": "SO-1001",
    "revision": 1,
    "confirmed_at": "2026-11-20T08:00:00Z",
    "customer": {"code": "ACME", "name": "Acme Printing"},
    "project": {"number": "P-77", "name": "Spring catalogue"},
    "currency": "EUR",
    "priority": "high",
    "lines": [
        {
            "line_number": 1,
            "product_code": "BROCHURE-A4",
            "quantity": "10000",
            "unit": "EA",
            "due_date": "2026-12-15",
        }
    ],
}

WEBHOOK_SOURCE: Example = {"source": "web-shop", "secret": "at-least-16-characters"}

PRODUCTION_ORDER: Example = {
    "product_code": "BROCHURE-A4",
    "quantity": "500",
    "due_date": "2026-12-15",
    "priority": "medium",
}
PRODUCTION_ORDER_CHANGE: Example = {"quantity": "600", "due_date": "2026-12-18"}
RESOLUTION: Example = {
    "code": "amended_in_progress",
    "decision": "follow_sales",
    "reason": "The press can still run 600.",
}
TOP_UP: Example = {
    "code": "short_by",
    "decision": "reschedule",
    "due_date": "2026-12-22",
    "reason": "The customer takes the rest before Christmas.",
}

BOM: Example = {
    "product_code": "BROCHURE-A4",
    "base_quantity": "1000",
    "lines": [
        {
            "line_number": 10,
            "component_code": "PAPER-A2-130",
            "quantity": "270",
            "unit_code": "SHEET",
            "component_scrap_percentage": "2",
            "sequence_number": 10,
        },
        {
            "line_number": 20,
            "component_code": "PLATE-A2",
            "quantity": "4",
            "is_fixed_quantity": True,
            "sequence_number": 10,
        },
    ],
}

STOCK_COUNT: Example = {
    "kind": "count",
    "product_code": "PAPER-A2-130",
    "location_code": "PAPER-STORE",
    "lot_number": "L-2026-117",
    "quantity": "12500",
    "reason": "Stocktaking",
}
STOCK_TRANSFER: Example = {
    "kind": "transfer",
    "product_code": "PAPER-A2-130",
    "location_code": "PAPER-STORE",
    "to_location_code": "PRESSROOM-BUFFER",
    "quantity": "3000",
    "reason": "For the night shift",
}
RECEIPT: Example = {
    "receipt_number": "PO-4711-10",
    "product_code": "PAPER-A2-130",
    "plant_code": "PLANT-1",
    "quantity": "20000",
    "expected_on": "2026-12-01",
    "vendor_code": "NORDPAPER",
    "unit_cost": "0.085",
}
RECEIPT_CHANGE: Example = {"expected_on": "2026-12-03"}
GOODS: Example = {
    "quantity": "20000",
    "location_code": "PAPER-STORE",
    "lot_number": "L-2026-118",
    "is_last": True,
}

ISSUE: Example = {
    "component_code": "PLATE-A2",
    "quantity": "4",
    "location_code": "PRESSROOM-BUFFER",
}
MOVED_ALLOCATION: Example = {
    "component_code": "PAPER-A2-130",
    "plant_code": "PLANT-1",
    "from_production_order_id": "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a11",
    "to_production_order_id": "019aa1b4-52c7-7d6e-9c1b-0f4c5f0e8a12",
    "quantity": "1500",
    "reason": "The customer of the second order collects tomorrow.",
}
PURCHASE_ORDER: Example = {
    "purchase_order_number": "PO-4712",
    "expected_on": "2026-12-01",
    "unit_cost": "0.085",
}

MRP_RUN: Example = {"kind": "regeneration", "reason": "Safety stocks changed"}
PROMISE: Example = {
    "product_code": "BROCHURE-A4",
    "quantity": "5000",
    "requested_date": "2026-12-15",
}

ROUTING: Example = {
    "routing_code": "BROCHURE",
    "routing_name": "Brochures, folded",
    "product_code": "BROCHURE-A4",
    "operations": [
        {
            "sequence_number": 10,
            "operation_code": "PRINT",
            "setup_time_minutes": "30",
            "run_time_per_unit_seconds": "0.5",
            "work_center_code": "PRESS",
            "yield_percentage": "98",
        },
        {
            "sequence_number": 20,
            "operation_code": "FOLD",
            "yield_percentage": "99.5",
            "predecessor_sequence_number": 10,
        },
    ],
}
PREVIEW: Example = {"quantity": "10000"}

MASTER_DATA: dict[str, Example] = {
    "tenant": {"tenant_code": "ACME", "tenant_name": "Acme Printing", "time_zone": "Europe/Berlin"},
    "unit": {"unit_code": "SHEET", "unit_name": "Sheet", "dimension": "count", "decimals": 0},
    "product": {
        "product_code": "BROCHURE-A4",
        "product_name": "Brochure A4",
        "product_category": "print",
        "unit_code": "EA",
        "conversions": {"BX": "250"},
        "plant_code": "PLANT-1",
    },
    "project": {"project_number": "P-77", "project_name": "Spring catalogue"},
    "vendor": {"vendor_code": "NORDPAPER", "vendor_name": "Nord Paper", "lead_time_days": 10},
    "vendor_product": {
        "product_code": "PAPER-A2-130",
        "vendor_code": "NORDPAPER",
        "purchase_unit_code": "PALLET",
        "purchase_unit_factor": "10000",
        "lead_time_days": 7,
        "minimum_order_quantity": "1",
        "price": "850",
    },
    "stock_location": {
        "location_code": "PAPER-STORE",
        "location_name": "Paper store",
        "plant_code": "PLANT-1",
    },
    "labour_rate": {"role_code": "printer", "role_name": "Printer", "hourly_rate": "41.50"},
    "calendar": {
        "calendar_code": "TWO-SHIFTS",
        "calendar_name": "Two shifts, five days",
        "shifts": [
            {
                "name": "early",
                "weekdays": [0, 1, 2, 3, 4],
                "start": "06:00",
                "end": "14:00",
                "breaks": [{"start": "10:00", "end": "10:30"}],
            },
            {"name": "late", "weekdays": [0, 1, 2, 3, 4], "start": "14:00", "end": "22:00"},
        ],
        "holidays": ["2026-12-25", "2026-12-26"],
    },
    "maintenance_window": {
        "maintenance_window_code": "PRESS-DEC",
        "work_center_code": "PRESS",
        "plant_code": "PLANT-1",
        "starts_at": "2026-12-05T06:00:00+01:00",
        "ends_at": "2026-12-05T14:00:00+01:00",
        "reason": "Rollers",
    },
    "operation": {
        "operation_code": "PRINT",
        "operation_name": "Print",
        "operation_type": "fabrication",
        "default_setup_minutes": "30",
        "default_run_seconds_per_unit": "0.5",
    },
    "work_center": {
        "work_center_code": "PRESS",
        "work_center_name": "Offset presses",
        "plant_code": "PLANT-1",
        "parallel_units": 2,
    },
    "plant": {
        "plant_code": "PLANT-1",
        "plant_name": "Main plant",
        "time_zone": "Europe/Berlin",
    },
    "department": {
        "department_code": "PRESSROOM",
        "department_name": "Press room",
        "plant_code": "PLANT-1",
    },
    "lane": {
        "lane_number": "L-01",
        "lane_name": "Press 1",
        "plant_code": "PLANT-1",
        "lane_type": "fabrication",
        "work_center_code": "PRESS",
    },
    "asset": {
        "asset_code": "PRESS-1",
        "asset_name": "Offset press 1",
        "asset_kind": "machine",
        "parent_code": "LINE-1",
        "plant_code": "PLANT-1",
        "lane_number": "L-01",
    },
}
