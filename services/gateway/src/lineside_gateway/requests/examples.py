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

WORK_ORDER: Example = {
    "plant_code": "PLANT-1",
    "operation_type": "fabrication",
    "product_code": "BROCHURE-A4",
    "description": "Reprint of damaged copies",
    "quantity_ordered": "120",
    "unit_code": "EA",
    "priority": "urgent",
    "operations": [{"operation_number": 10, "operation_name": "Print", "setup_minutes": "15"}],
}
WORK_ORDER_CHANGE: Example = {"priority": "urgent", "planned_end_date": "2026-12-11"}

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
}
