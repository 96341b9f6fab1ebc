"""What decisions need to know besides the work orders: the tenant's rules, plants, who and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lineside_contracts.values import Actor
from lineside_manufacturing.stored_calendars import CalendarSource


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something is decided, and on whose behalf."""

    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class TenantRules:
    """The tenant's settings that concern the floor; the defaults are those of a new tenant."""

    work_order_prefix: str = "WO"
    releases_all_at_once: bool = False
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class PlantFacts:
    """A plant as work orders name it."""

    id: UUID
    plant_code: str
    plant_name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class CenterTime:
    """When a work center works, and how well."""

    calendar: CalendarSource
    efficiency_percentage: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class WorkingTimes:
    """What the calendars of plants and work centers are made of, by their codes."""

    plants: Mapping[str, CalendarSource] = field(default_factory=dict)
    work_centers: Mapping[str, CenterTime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of the tenant that one batch needs, by code.

    Attributes:
        times: Loaded where work is to be dated; a place that is not in it works as standard.
    """

    rules: TenantRules = TenantRules()
    plants: Mapping[str, PlantFacts] = field(default_factory=dict)
    department_ids: Mapping[str, UUID] = field(default_factory=dict)
    times: WorkingTimes = WorkingTimes()
    product_names: Mapping[str, str] = field(default_factory=dict)

    def zone_of(self, plant_code: str | None) -> str:
        """Tell the time zone of a plant; the tenant's own where the plant is not known (yet)."""
        plant = self.plants.get(plant_code or "")
        return plant.time_zone if plant else self.rules.time_zone

    def time_of_plant(self, plant_code: str | None) -> CalendarSource:
        """Tell what the calendar of a plant is made of; the standard one where none is known."""
        known = self.times.plants.get(plant_code or "")
        return known or CalendarSource(self.zone_of(plant_code))

    def time_of_center(self, work_center_code: str | None, plant_code: str | None) -> CenterTime:
        """Tell the time of a work center; that of the plant where it is unknown, or none."""
        known = self.times.work_centers.get(work_center_code or "")
        return known or CenterTime(self.time_of_plant(plant_code))
