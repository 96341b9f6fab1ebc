"""Routes of what the floor reports of its days: work logs, summaries, effectiveness, KPIs."""

from lineside_contracts import shopfloor
from lineside_contracts.problems import ProblemCode as Code
from lineside_gateway.requests import examples_floor as examples
from lineside_gateway.requests.doors import Door

OF_A_PLANT = (Code.NOT_FOUND,)

DOORS = (
    Door(
        "POST",
        "/daily-work-logs",
        shopfloor.CREATE_DAILY_WORK_LOG,
        place="/daily-work-logs?plant_code={plant_code}&from_date={work_date}&to_date={work_date}",
        examples=[examples.DAILY_WORK_LOG],
        refused=[Code.NOT_FOUND, Code.AMBIGUOUS_CODE],
    ),
    Door("GET", "/daily-work-logs", shopfloor.LIST_DAILY_WORK_LOGS),
    Door(
        "GET",
        "/daily-production-summary",
        shopfloor.GET_DAILY_PRODUCTION_SUMMARY,
        refused=OF_A_PLANT,
    ),
    Door("GET", "/oee", shopfloor.GET_OEE, refused=OF_A_PLANT),
    Door("GET", "/oee/{lane_id}", shopfloor.GET_LANE_OEE),
    Door("GET", "/kpis", shopfloor.GET_KPIS, refused=OF_A_PLANT),
    Door("GET", "/kpis/yields", shopfloor.GET_YIELDS, refused=OF_A_PLANT),
)
